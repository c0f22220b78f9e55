import { readFileSync } from "node:fs";
import { join } from "node:path";

/** As it is written, and its reading in katakana. */
export type NamePart = { text: string; kana: string };

/** Names that the town's residents are called by. Any likeness to the living is chance. */
export const names: { family: NamePart[]; male: NamePart[]; female: NamePart[] } = readNames();

function readNames() {
  const read = { family: [] as NamePart[], male: [] as NamePart[], female: [] as NamePart[] };
  let list = read.family;
  for (const line of readFileSync(join(import.meta.dirname, "names.txt"), "utf8")
    .trim()
    .split("\n")) {
    if (Object.hasOwn(read, line)) {
      list = read[line as keyof typeof read];
      continue;
    }
    const words = line.split(" ");
    for (let index = 0; index + 1 < words.length; index += 2) {
      list.push({ text: words[index]!, kana: words[index + 1]! });
    }
  }
  return read;
}
