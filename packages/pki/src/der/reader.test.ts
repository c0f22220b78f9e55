import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PkiError } from "../pki-error.ts";
import { encodeOid } from "./oid.ts";
import { DerReader } from "./reader.ts";
import { context, tags } from "./tags.ts";
import { element, namedBits, objectIdentifier, time, unsignedInteger } from "./writer.ts";

const reader = (hex: string): DerReader => new DerReader(Buffer.from(hex, "hex"));
const malformed = expect.objectContaining({ code: "MALFORMED" });

describe("DER reader", () => {
  test.each([
    ["indefinite length", "3080020101", (der: DerReader) => der.enter(tags.sequence)],
    ["a length that is not minimal", "30810302010100", (der: DerReader) => der.enter(tags.sequence)],
    ["a length with leading zeros", "308200030201", (der: DerReader) => der.enter(tags.sequence)],
    ["a length of five octets", "30850000000003020101", (der: DerReader) => der.enter(tags.sequence)],
    ["content that ends early", "3003020101".slice(0, -2), (der: DerReader) => der.enter(tags.sequence)],
    ["another tag", "0201", (der: DerReader) => der.content(tags.octetString)],
    ["a long tag", "1f810100", (der: DerReader) => der.skip()],
    ["an empty INTEGER", "0200", (der: DerReader) => der.integer()],
    ["a padded positive INTEGER", "0202007f", (der: DerReader) => der.integer()],
    ["a padded negative INTEGER", "0202ff80", (der: DerReader) => der.integer()],
    ["a negative small INTEGER", "0201ff", (der: DerReader) => der.smallInteger()],
    ["a BOOLEAN that is neither 00 nor ff", "010101", (der: DerReader) => der.boolean()],
    ["a default value written out", "010100", (der: DerReader) => der.flag()],
    ["an OID with a padded arc", "060355801d", (der: DerReader) => der.oid()],
    ["an OID cut in an arc", "0603551d80", (der: DerReader) => der.oid()],
    ["an empty OID", "0600", (der: DerReader) => der.oid()],
    ["named bits with a trailing zero bit", "03020700", (der: DerReader) => der.namedBits()],
    ["named bits with set padding", "03020781", (der: DerReader) => der.namedBits()],
    ["a bit string of odd bits", "03020780", (der: DerReader) => der.octetsOfBitString()],
    ["a UTCTime without seconds", "170b323630313031303030305a", (der: DerReader) => der.time()],
    [
      "a UTCTime with an offset",
      "1711323630313031303030303030 2b30303030".replace(" ", ""),
      (der: DerReader) => der.time(),
    ],
    ["a day that does not exist", "170d3235303232393030303030305a", (der: DerReader) => der.time()],
    [
      "a fraction of a second",
      "18113230353030313031303030303030 2e355a".replace(" ", ""),
      (der: DerReader) => der.time(),
    ],
  ])("refuses %s", (_, hex, read) => {
    expect(() => read(reader(hex))).toThrow(malformed);
  });

  test("refuses bytes after the last element", () => {
    const der = reader("020101ff");
    der.integer();
    expect(() => der.finish()).toThrow(malformed);
  });

  test("reads both forms of time, also GeneralizedTime before 2050", () => {
    const text = (tag: number, value: string) => new DerReader(element(tag, Buffer.from(value))).time();
    expect(text(tags.utcTime, "491231235959Z")).toBe(Date.UTC(2049, 11, 31, 23, 59, 59));
    expect(text(tags.utcTime, "500101000000Z")).toBe(Date.UTC(1950, 0, 1));
    expect(text(tags.generalizedTime, "20240229120000Z")).toBe(Date.UTC(2024, 1, 29, 12));
  });

  test("reads what the writer wrote", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), (content) => {
        const der = new DerReader(element(tags.octetString, content));
        expect(der.content(tags.octetString).equals(content)).toBe(true);
        der.finish();
      }),
      { numRuns: 50 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (magnitude) => {
        const content = new DerReader(unsignedInteger(magnitude)).integer();
        expect(BigInt(`0x${content.toString("hex")}`)).toBe(BigInt(`0x${Buffer.from(magnitude).toString("hex")}`));
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x1ff }), (bits) => {
        expect(new DerReader(namedBits(bits)).namedBits()).toBe(bits);
      }),
    );
    fc.assert(
      fc.property(
        fc.date({ min: new Date("1950-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }),
        (date) => {
          expect(new DerReader(time(date)).time()).toBe(Math.floor(date.getTime() / 1000) * 1000);
        },
      ),
    );
  });

  test("reads any object identifier that can be written, arcs of 128 bits included", () => {
    const arc = fc.bigInt({ min: 0n, max: 2n ** 128n });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 }),
        fc.integer({ min: 0, max: 39 }),
        fc.array(arc, { maxLength: 2 }),
        (first, second, rest) => {
          const dotted = [first, second, ...rest].join(".");
          expect(new DerReader(objectIdentifier(dotted)).oid()).toBe(dotted);
        },
      ),
    );
    expect(new DerReader(objectIdentifier("2.999.3")).oid()).toBe("2.999.3");
    expect(() => encodeOid("3.1")).toThrow(TypeError);
  });

  test("gives a value or PkiError for any bytes, whatever is asked of it", () => {
    const questions: ((der: DerReader) => unknown)[] = [
      (der) => der.enter(tags.sequence),
      (der) => der.element(),
      (der) => der.integer(),
      (der) => der.smallInteger(),
      (der) => der.flag(),
      (der) => der.oid(),
      (der) => der.namedBits(context(1)),
      (der) => der.octetsOfBitString(),
      (der) => der.time(),
    ];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...questions), (bytes, ask) => {
        try {
          ask(new DerReader(Buffer.from(bytes)));
        } catch (error) {
          expect(error).toBeInstanceOf(PkiError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
