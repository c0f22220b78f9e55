import fc from "fast-check";
import { expect, test } from "vitest";
import { substituteCharacters } from "./substitute-characters.ts";

test.each([
  ["山田　花子", "山田　花子", "00000"],
  ["髙﨑　𠮷乃", "高崎　吉乃", "11010"],
  ["葛\u{e0100}城", "葛城", "10"],
  ["山\ue000田", "山〓田", "010"],
  ["\ufa19田", "神田", "10"],
])("%s is written %s with the positions %s", (text, written, positions) => {
  expect(substituteCharacters(text)).toEqual({ text: written, positions });
});

test("there is one position for each character, and what was written needs no substitute", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const { text: written, positions } = substituteCharacters(text);
      expect([...written]).toHaveLength(positions.length);
      expect(substituteCharacters(written)).toEqual({ text: written, positions: "0".repeat(positions.length) });
    }),
  );
});
