/** A text as a certificate can hold it, and for each of its characters `1` where it stands in for another. */
export type Substituted = { text: string; positions: string };

/** What the simulated authority writes for well-known variants; 〓 where it knows none. */
const substitutes = new Map(Object.entries({ 髙: "高", 﨑: "崎", 𠮷: "吉", 德: "徳", 栁: "柳" }));

const permitted = jisCharacters();

/**
 * Replaces the characters outside JIS X 0208 and JIS X 0212 (levels 1 and 2 and 補助漢字), as the signature
 * certificate does. One position per character: a variation selector is no character of its own, it makes the one
 * before it a variant that needs a substitute.
 */
export function substituteCharacters(text: string): Substituted {
  const characters = text.match(/.[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]?/gsu) ?? [];
  const written = characters.map((character) => {
    if (permitted.has(character)) return character;
    const [base = ""] = character;
    return [base, substitutes.get(base), base.normalize("NFKC")].find((one) => one && permitted.has(one)) ?? "〓";
  });
  const positions = characters.map((character, index) => (character === written[index] ? "0" : "1"));
  return { text: written.join(""), positions: positions.join("") };
}

function jisCharacters(): Set<string> {
  const decoder = new TextDecoder("euc-jp");
  const found = new Set<string>();
  const add = (row: number, prefix: number[]) => {
    for (let cell = 0xa1; cell <= 0xfe; cell++) {
      const character = decoder.decode(Uint8Array.from([...prefix, 0xa0 + row, cell]));
      if (!character.includes("\ufffd")) found.add(character);
    }
  };
  for (let row = 1; row <= 84; row++) if (row <= 8 || row >= 16) add(row, []);
  for (let row = 16; row <= 77; row++) add(row, [0x8f]);
  return found;
}
