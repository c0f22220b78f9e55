import { createContext, useContext } from "react";
import en from "./en.json";
import ja from "./ja.json";
import type { Language } from "./language.ts";

export type TextKey = keyof typeof ja;
export type TextValues = Record<string, string | number>;

const texts: Record<Language, Record<TextKey, string>> = { ja, en };

/** The text in a language, its `{names}` replaced. */
export function formatText(language: Language, key: TextKey, values: TextValues = {}): string {
  return texts[language][key].replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export const LanguageContext = createContext<Language>("ja");

/** Texts in the language of the screen. */
export function useText(): (key: TextKey, values?: TextValues) => string {
  const language = useContext(LanguageContext);
  return (key, values) => formatText(language, key, values);
}

export function useLanguage(): Language {
  return useContext(LanguageContext);
}
