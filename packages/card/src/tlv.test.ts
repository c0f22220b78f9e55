import fc from "fast-check";
import { expect, test } from "vitest";
import { CardError } from "./card-error.ts";
import { fromHex } from "./hex.ts";
import { encodeTlv, parseTlv, parseTlvs } from "./tlv.ts";

const oneByteTag = fc.integer({ min: 0, max: 255 }).filter((tag) => (tag & 0x1f) !== 0x1f);
const twoByteTag = fc
  .tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 0x7f }))
  .map(([high, low]) => ((high << 5) | 0x1f) * 0x100 + low);
const tag = fc.oneof(oneByteTag, twoByteTag);

test("every data object comes back as it was encoded, whatever follows it", () => {
  const value = fc.oneof(fc.uint8Array(), fc.uint8Array({ minLength: 120, maxLength: 600, size: "max" }));
  fc.assert(
    fc.property(tag, value, fc.uint8Array(), (tag, value, rest) => {
      const encoded = encodeTlv(tag, value);
      expect(parseTlv(Uint8Array.of(...encoded, ...rest))).toEqual({ tag, value, size: encoded.length });
    }),
  );
});

test("any bytes are data objects that use all of them, or MALFORMED_RESPONSE", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        const contents = parseTlvs(bytes).reduce((size, { value }) => size + value.length, 0);
        expect(contents).toBeLessThanOrEqual(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(CardError);
        expect(error).toMatchObject({ code: "MALFORMED_RESPONSE" });
      }
    }),
  );
});

test("a My Number file is read past its filler", () => {
  const file = fromHex("ff100c353337363836363737313838ffff")!;
  expect(parseTlv(file)).toEqual({ tag: 0xff10, value: fromHex("353337363836363737313838"), size: 15 });
});

test.each([
  ["nothing", ""],
  ["a tag without length", "01"],
  ["half a two-byte tag", "df"],
  ["a three-byte tag", "df810100"],
  ["an indefinite length", "30800000"],
  ["a length of three bytes", "0483000001aa"],
  ["a length that ends early", "0482ff"],
  ["a value that ends early", "0402aa"],
])("%s is no data object", (_, hex) => {
  expect(() => parseTlv(fromHex(hex)!)).toThrow(expect.objectContaining({ code: "MALFORMED_RESPONSE" }));
});

test("tags and values that cannot be written are refused", () => {
  for (const tag of [0x1f, 0x30_01, 0xdf_81, 0x1_0000, -1]) {
    expect(() => encodeTlv(tag, new Uint8Array())).toThrow(RangeError);
  }
  expect(() => encodeTlv(0x04, new Uint8Array(0x1_0000))).toThrow(RangeError);
});
