import { readFileSync } from "node:fs";
import { join } from "node:path";

/** vectors/attributes, which tools/make-attribute-vectors.ts writes. */
export function attributeVectors<T>(name: "ages" | "names" | "addresses" | "characters"): T[] {
  const path = join(import.meta.dirname, "../../../../vectors/attributes", `${name}.json`);
  return JSON.parse(readFileSync(path, "utf8")) as T[];
}
