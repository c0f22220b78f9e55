import fc from "fast-check";
import { expect, test } from "vitest";
import { SandboxError } from "../error.ts";
import { fullWidth } from "./full-width.ts";
import { municipalities, municipalityOf, parseAddress, sampleAddress } from "./municipalities.ts";

const lowest = () => 0;

test("there are municipalities of all prefectures, each with its own code", () => {
  expect(new Set(municipalities.map(({ prefecture }) => prefecture)).size).toBe(47);
  expect(new Set(municipalities.map(({ code }) => code)).size).toBe(municipalities.length);
  for (const { code, romaji, prefectureRomaji } of municipalities) {
    expect(code).toMatch(/^\d{5}$/);
    expect(romaji).toMatch(/^[A-Z][A-Za-z-]+-(shi|ku)$/);
    expect(prefectureRomaji).toMatch(/^(Hokkaido|[A-Z][a-z]+-(ken|to|fu))$/);
  }
});

test("an invented address is found again in its municipality", () => {
  for (const municipality of municipalities)
    expect(municipalityOf(sampleAddress(municipality, lowest))).toBe(municipality);
});

test.each([
  ["高松市", "香川県高松市番町１丁目１番１号"],
  ["横浜市", "神奈川県横浜市鶴見区鶴見中央１丁目１番１号"],
  ["沖縄県", "沖縄県那覇市泉崎１丁目１番１号"],
  ["香川県高松市番町1-8 ﾋﾞﾙ 5F", "香川県高松市番町１－８　ビル　５Ｆ"],
  ["府中市宮西町2", "東京都府中市宮西町２"],
])("%s is the address %s", (typed, address) => {
  expect(parseAddress(typed, lowest)).toBe(address);
});

test("any text is an address of a known municipality or an error", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      try {
        municipalityOf(parseAddress(text, lowest));
      } catch (error) {
        expect(error).toBeInstanceOf(SandboxError);
      }
    }),
  );
});

test("full width leaves nothing in half width, and is the same when repeated", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(fullWidth(text)).not.toMatch(/[ -~｡-ﾟ]/);
      expect(fullWidth(fullWidth(text))).toBe(fullWidth(text));
    }),
  );
});
