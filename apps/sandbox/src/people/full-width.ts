/**
 * Text as the resident register writes it: full-width throughout, one ideographic space between words. What has no
 * full-width form stays as it is.
 */
export function fullWidth(text: string): string {
  return text
    .trim()
    .replace(/[\uff61-\uff9f]+/g, (kana) => kana.normalize("NFKC"))
    .replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0))
    .replace(/[ \u3000]+/g, "\u3000");
}
