import type { CharacterFlags } from "@xid/protocol";

/** @param substitutes as the certificate marks them */
export function flagCharacters(text: string, substitutes: readonly number[]): CharacterFlags {
  const characters = [...text];
  const where = (matches: (character: string, next: string) => boolean) =>
    characters.flatMap((character, index) => (matches(character, characters[index + 1] ?? "") ? [index] : []));
  return {
    substitutes: [...substitutes],
    privateUse: where((character) => /\p{Co}/u.test(character)),
    variationSequences: where((_, next) => isVariationSelector(next)),
  };
}

/** VS1 to VS256 (Unicode 23.4). */
export function isVariationSelector(character: string): boolean {
  return /^[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]$/u.test(character);
}
