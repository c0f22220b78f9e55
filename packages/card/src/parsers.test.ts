import fc from "fast-check";
import { expect, test } from "vitest";
import { parseTextBasicInformation, parseVisualBasicInformation } from "./basic-information.ts";
import { CardError } from "./card-error.ts";
import { parsePublicKey } from "./card-public-key.ts";
import { parseCardVerifiableCertificate } from "./card-verifiable-certificate.ts";
import { parseCardInformation } from "./common.ts";
import { parseAttributes, parseMyNumber } from "./text-files.ts";
import { encodeTlv } from "./tlv.ts";
import { parseTokenInformation } from "./token-information.ts";
import { parseAgeRecord, parseCardFace, parseMyNumberImage } from "./visual-files.ts";

type Parser = (bytes: Uint8Array) => unknown;

/** Every parser of what a card says, with the outer tag and the tags inside, so that random bytes get past the first check. */
const parsers: [string, Parser, number, number[]][] = [
  ["parseMyNumber", parseMyNumber, 0xff10, []],
  ["parseAttributes", parseAttributes, 0xff20, [0xdf21, 0xdf22, 0xdf23, 0xdf24, 0xdf25]],
  ["parseTextBasicInformation", parseTextBasicInformation, 0xff40, [0xdf41, 0xdf42, 0xdf43]],
  ["parseVisualBasicInformation", parseVisualBasicInformation, 0xff30, [0xdf31, 0xdf32, 0xdf33, 0xdf34, 0xdf35]],
  ["parseAgeRecord", parseAgeRecord, 0xff10, [0xdf11, 0xdf12, 0xdf13]],
  ["parseCardFace", parseCardFace, 0xff20, [0xdf22, 0xdf23, 0xdf24, 0xdf25, 0xdf26, 0xdf27, 0xdf28, 0xdf29, 0xdf2a]],
  ["parseMyNumberImage", parseMyNumberImage, 0xff40, [0xdf41, 0xdf42, 0xdf43]],
  ["parseCardVerifiableCertificate", parseCardVerifiableCertificate, 0x7f21, [0x5f4e, 0x5f37]],
  ["parsePublicKey", parsePublicKey, 0x90, [0x90, 0x91]],
  ["parseTokenInformation", parseTokenInformation, 0x4a, []],
  ["parseCardInformation", parseCardInformation, 0x01, []],
];

test.each(parsers)("%s gives a value or MALFORMED_RESPONSE for any bytes", (_, parse, outer, inner) => {
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.stringMatching(/^[0-9]{0,12}$/).map((text) => Buffer.from(text)),
    fc.constant(Buffer.from("12345678")),
    fc.constant(new Uint8Array(256).fill(0x91)),
  );
  const template = fc
    .array(fc.tuple(fc.constantFrom(...inner, 0x5a), value), { maxLength: inner.length + 1 })
    .map((fields) => encodeTlv(outer, Buffer.concat(fields.map(([tag, content]) => encodeTlv(tag, content)))));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), template, value), (bytes) => {
      try {
        parse(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(CardError);
        expect((error as CardError).code).toBe("MALFORMED_RESPONSE");
      }
    }),
    { numRuns: 500 },
  );
});

test("a token's information of a physical card is read", () => {
  const words = [0x040d, 1, 0, 1, 0, 16, 6, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff];
  const bytes = Buffer.concat([
    Buffer.from("JPKIAPICCTOKEN2".padEnd(32)),
    Buffer.from("1".padStart(32, "0")),
    Buffer.from("E16R01NJ".padEnd(16)),
    Buffer.from("".padEnd(16)),
    ...words.map((word) => Buffer.from(word.toString(16).padStart(8, "0"), "hex")),
    Buffer.from("0301"),
    Buffer.from("9".repeat(16)),
  ]);
  expect(parseTokenInformation(bytes)).toEqual({
    model: "card",
    label: "JPKIAPICCTOKEN2",
    manufacturer: "00000000000000000000000000000001",
    modelName: "E16R01NJ",
    serialNumber: "",
    flags: 0x040d,
    longestPin: 16,
    shortestPin: 6,
    hardwareVersion: "03",
    firmwareVersion: "01",
  });
});

test.each([
  ["JPKIAPICCTOKEN", "juki-card"],
  ["JPKIAPGPSETOKEN", "android"],
  ["JPKIAPIOSTOKEN", "iphone"],
  ["JPKIAPICCTOKEN3", "unknown"],
  ["constructor", "unknown"],
])("the label %s means %s", (label, model) => {
  const bytes = Buffer.alloc(160, 0x20).fill(label.padEnd(32), 0, 32);
  expect(parseTokenInformation(bytes).model).toBe(model);
});

test("the published files of the J-LIS test card are read", () => {
  expect(parseMyNumber(Buffer.from(`ff100c${"353337363836363737313838"}ffff`, "hex"))).toBe("537686677188");
  const fields = [
    [0xdf21, "000e002000590064"],
    [0xdf22, "e9bb92e6a190e38080e5b9b9e4b99f"],
    [0xdf23, Buffer.from("東京都清瀬市").toString("hex")],
    [0xdf24, "3139383030323137"],
    [0xdf25, "31"],
  ] as const;
  const content = fields.map(([tag, hex]) => encodeTlv(tag, Buffer.from(hex, "hex")));
  expect(parseAttributes(encodeTlv(0xff20, Buffer.concat(content)))).toEqual({
    name: "黒桐　幹也",
    address: "東京都清瀬市",
    birthdate: "19800217",
    gender: "1",
  });
});

test.each([
  ["a field twice", [0xdf22, 0xdf22, 0xdf23, 0xdf24, 0xdf25]],
  ["a field missing", [0xdf22, 0xdf24, 0xdf25]],
])("%s is MALFORMED_RESPONSE", (_, tags) => {
  const contents: Record<number, string> = { 57124: "19800217", 57125: "1" };
  const objects = tags.map((tag) => encodeTlv(tag, Buffer.from(contents[tag] ?? "x")));
  const malformed = expect.objectContaining({ code: "MALFORMED_RESPONSE" });
  expect(() => parseAttributes(encodeTlv(0xff20, Buffer.concat(objects)))).toThrow(malformed);
});
