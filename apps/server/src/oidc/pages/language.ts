/** Languages of our pages; Japanese unless something says otherwise. */
export type Language = "ja" | "en";

/**
 * The language for a page: what the person chose on it, else what the relying party asked for (`ui_locales`, OpenID
 * Connect Core 3.1.2.1), else what the browser prefers.
 */
export function chooseLanguage(wishes: {
  chosen?: string | undefined;
  uiLocales?: string | undefined;
  acceptLanguage?: string | undefined;
}): Language {
  const preferred = [wishes.chosen, ...(wishes.uiLocales?.split(" ") ?? []), ...ordered(wishes.acceptLanguage)];
  for (const tag of preferred) {
    const language = tag?.toLowerCase().split("-")[0];
    if (language === "ja" || language === "en") return language;
  }
  return "ja";
}

/** RFC 9110 §12.5.4, best first. */
function ordered(acceptLanguage: string | undefined): string[] {
  const ranges = (acceptLanguage ?? "")
    .slice(0, 200)
    .split(",")
    .map((range) => {
      const [tag = "", ...parameters] = range.trim().split(";");
      const quality = Number(/^\s*q=([\d.]+)$/.exec(parameters[0] ?? "")?.[1] ?? 1);
      return { tag, quality };
    });
  return ranges.sort((one, other) => other.quality - one.quality).map(({ tag }) => tag);
}
