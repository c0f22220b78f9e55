/** The same in both languages. */
export type Words = { ja: string; en: string };

export const words = (ja: string, en: string): Words => ({ ja, en });

/** Words with what both languages have in common, such as a number or a standard's name. */
export const plain = (text: string): Words => ({ ja: text, en: text });

/** Words joined by a space. */
export function join(...parts: (Words | undefined)[]): Words {
  const given = parts.filter((part) => part !== undefined);
  return { ja: given.map(({ ja }) => ja).join(" "), en: given.map(({ en }) => en).join(" ") };
}
