export type Language = "ja" | "en";

/** What a person reads: `--lang`, else Japanese where the environment says so (LC_ALL, LC_MESSAGES, LANG, in that order), else English. */
export function readLanguage(option: string | undefined, environment: Record<string, string | undefined>): Language {
  if (option === "ja" || option === "en") return option;
  const locale = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || "";
  return locale.startsWith("ja") ? "ja" : "en";
}
