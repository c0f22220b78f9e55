import { isVariationSelector } from "./character-flags.ts";

/** Family and given name, as the certificate writes them. */
export type DividedName = { family: string; given: string };

/** Kanji, kana, what repeats and lengthens them, and characters of a private use area. */
const japaneseName = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Co}]+$/u;
const katakanaOnly = /^[\p{Script=Katakana}ー]+$/u;

/**
 * Divides a certificate's name where that is no guess: exactly one full-width space between two parts in Japanese script,
 * which is how the register writes 氏 and 名. Undefined for names in the Latin alphabet, with several spaces or none, with
 * brackets (a former name or an alias beside it), and in katakana alone, the order of which is the holder's.
 *
 * @param substitutes positions of stand-ins, which may be any sign
 */
export function divideName(name: string, substitutes: readonly number[]): DividedName | undefined {
  const [family = "", given = "", ...more] = name.split("\u3000");
  if (more.length > 0) return undefined;
  const characters = [...name].map((character, index) => (substitutes.includes(index) ? "字" : character));
  const written = characters.filter((character) => !isVariationSelector(character)).join("");
  const parts = written.split("\u3000");
  if (parts.length !== 2 || !parts.every((part) => japaneseName.test(part))) return undefined;
  return parts.every((part) => katakanaOnly.test(part)) ? undefined : { family, given };
}
