export type Language = "ja" | "en";

/** Picks the text of a language: `say("口座開設", "Open an account")`. */
export type Say = (ja: string, en: string) => string;

export function sayIn(language: Language): Say {
  return (ja, en) => (language === "en" ? en : ja);
}

/** 1990-01-31 → 1990年1月31日 · 31 January 1990 */
export function showDate(language: Language, date: string): string {
  const options = { dateStyle: "long", timeZone: "Asia/Tokyo" } as const;
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : "ja-JP", options).format(
    new Date(date.length === 10 ? `${date}T00:00:00+09:00` : date),
  );
}

export function showGender(language: Language, gender: "male" | "female" | "unknown"): string {
  const words = { male: ["男性", "Male"], female: ["女性", "Female"], unknown: ["不明", "Not stated"] } as const;
  return words[gender][language === "en" ? 1 : 0];
}
