import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DerReader } from "./der/reader.ts";
import { integer, unsignedInteger } from "./der/writer.ts";
import { RevokedSerialsBuilder } from "./revoked-serials.ts";

/** Content octets of the shortest INTEGER. */
const content = (magnitude: Uint8Array): Buffer => new DerReader(unsignedInteger(magnitude)).integer();

const second = fc.integer({ min: -30_610_224_000, max: 253_402_300_799 });
const reason = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 8, 9, 10);
const counted = fc.integer({ min: 5_000_000, max: 5_010_000 }).map((number) => {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(number);
  return content(octets);
});
const scattered = fc.uint8Array({ minLength: 1, maxLength: 4 }).map(content);
const long = fc.uint8Array({ minLength: 5, maxLength: 19 }).map(content);
const negative = fc
  .uint8Array({ minLength: 1, maxLength: 19 })
  .map((octets) => Buffer.from([0x80 | (octets[0]! & 0x3f), ...octets]));

function lookUp(serials: readonly fc.Arbitrary<Buffer>[]): void {
  const entry = fc.record({ serial: fc.oneof(...serials), second, reason });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 400 }), fc.array(fc.oneof(...serials)), (entries, others) => {
      const builder = new RevokedSerialsBuilder(entries.length);
      const expected = new Map<string, { at: number; reason: number }>();
      for (const { serial, second, reason } of entries) {
        builder.add(serial, 0, serial.length, second * 1000, reason);
        const key = serial.toString("hex");
        if (!expected.has(key)) expected.set(key, { at: second * 1000, reason });
      }
      const list = builder.finish();
      expect(list.count).toBe(entries.length);
      for (const serial of [...entries.map(({ serial }) => serial), ...others]) {
        expect(list.find(serial)).toEqual(expected.get(serial.toString("hex")));
      }
    }),
    { numRuns: 60 },
  );
}

describe("a list of revoked serial numbers answers when and why, of two entries the first", () => {
  test("for numbers of one counter", () => lookUp([counted]));
  test("for small numbers without order", () => lookUp([scattered]));
  test("for long numbers", () => lookUp([long]));
  test("for negative numbers", () => lookUp([negative]));
  test("for all of them together", () => lookUp([counted, scattered, long, negative]));
});

test("a list of nothing lists nothing", () => {
  const list = new RevokedSerialsBuilder(0).finish();
  for (const serial of [Buffer.of(0), Buffer.of(1), Buffer.alloc(20, 1)]) expect(list.find(serial)).toBeUndefined();
});

test("more entries than were expected find room", () => {
  const builder = new RevokedSerialsBuilder(1);
  for (let number = 0; number < 1000; number++) builder.add(Buffer.of(1, number >> 8, number & 0xff), 0, 3, 0, 1);
  const list = builder.finish();
  expect(list.find(Buffer.of(1, 3, 0xe7))).toEqual({ at: 0, reason: 1 });
  expect(list.find(Buffer.of(1, 3, 0xe8))).toBeUndefined();
});

test("a number longer than certificates have is counted and never found", () => {
  const builder = new RevokedSerialsBuilder(1);
  const tooLong = Buffer.alloc(21, 1);
  builder.add(tooLong, 0, 21, 0, 1);
  const list = builder.finish();
  expect(list.count).toBe(1);
  expect(list.find(tooLong)).toBeUndefined();
  expect(list.find(new DerReader(integer(tooLong.subarray(1))).integer())).toBeUndefined();
});

test("a counter's numbers cost ten octets an entry, whatever else there may be", () => {
  const builder = new RevokedSerialsBuilder(10_000);
  for (let number = 0; number < 10_000; number++) {
    const serial = Buffer.alloc(4);
    serial.writeUInt32BE(0x0200_0000 + number * 24);
    builder.add(serial, 0, 4, 0, 3);
  }
  expect(builder.finish().byteLength / 10_000).toBeLessThan(10);
});
