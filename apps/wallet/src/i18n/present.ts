import type { AttributeName, Attributes, ShownItem } from "@xid/protocol";
import type { Language } from "./language.ts";
import { formatText } from "./text.ts";

const locales: Record<Language, string> = { ja: "ja-JP", en: "en-GB" };

/** @param seconds since 1970 */
export function presentDate(language: Language, seconds: number): string {
  const options = { year: "numeric", month: "long", day: "numeric" } as const;
  return new Intl.DateTimeFormat(locales[language], options).format(new Date(seconds * 1000));
}

/** @param seconds since 1970 */
export function presentTime(language: Language, seconds: number): string {
  return new Intl.DateTimeFormat(locales[language], { hour: "2-digit", minute: "2-digit" }).format(
    new Date(seconds * 1000),
  );
}

/** An attribute's value as people write it; names and addresses stay as the certificate has them. */
export function presentAttribute(language: Language, name: AttributeName, value: string): string {
  if (name === "gender") return presentGender(language, value);
  return name === "birthdate" ? presentCalendarDate(language, value) : value;
}

/** Of an item exactly what would leave, or why nothing would; and what is to be known of its characters. */
export function presentItem(language: Language, item: ShownItem): { value: string; notes: string[] } {
  const say = (...call: DropFirst<Parameters<typeof formatText>>) => formatText(language, ...call);
  if (item.withheld !== null || item.value === null)
    return { value: say(`item.${item.withheld ?? "unknown"}`), notes: [] };
  const substitutes = "characters" in item ? item.characters.substitutes.map((position) => position + 1) : [];
  const notes =
    substitutes.length > 0 ? [say("item.substitutes", { n: substitutes.join(language === "ja" ? "・" : ", ") })] : [];
  switch (item.name) {
    case "age_over_18":
    case "age_over_20":
      return { value: say(item.value ? "item.yes" : "item.no"), notes };
    case "address":
    case "municipality": {
      const { municipality_code: code, ...place } = item.value;
      const written = "formatted" in place ? place.formatted : place.region + place.locality;
      return { value: written, notes: [...(code ? [say("item.code", { code })] : []), ...notes] };
    }
    case "birthdate":
    case "gender":
      return { value: presentAttribute(language, item.name, item.value), notes };
    default:
      return { value: item.value, notes };
  }
}

type DropFirst<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

function presentGender(language: Language, value: string): string {
  const known: Attributes["gender"] | undefined = (["male", "female"] as const).find((gender) => gender === value);
  return formatText(language, `gender.${known ?? "unknown"}`);
}

/** `YYYY-MM-DD`, where `00` stands for what the register does not know. */
export function presentCalendarDate(language: Language, value: string): string {
  const [year, month, day] = value.split("-").map(Number);
  if (!year || !month || !day) return value;
  const date = new Date(Date.UTC(year, month - 1, day));
  const options = { year: "numeric", month: "long", day: "numeric", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(locales[language], options).format(date);
}
