import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`./${language}.json`, import.meta.url), "utf8"));
const ja = read("ja");
const en = read("en");
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe("the texts", () => {
  it("are there in both languages under the same keys in the same order", () => {
    expect(Object.keys(en)).toEqual(Object.keys(ja));
  });

  it("are never empty and hold the same values", () => {
    for (const [key, text] of Object.entries(ja)) {
      expect(text, key).not.toBe("");
      expect(en[key], key).not.toBe("");
      expect(placeholders(en[key]!), key).toEqual(placeholders(text));
    }
  });
});
