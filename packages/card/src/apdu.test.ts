import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeCommand, encodeResponse, parseCommand, parseResponse } from "./apdu.ts";
import { fromHex, toHex } from "./hex.ts";

const byte = fc.integer({ min: 0, max: 255 });
const header = { cla: byte, ins: byte, p1: byte, p2: byte };

test("every command comes back as it was encoded, short or extended", () => {
  const command = fc.record(
    {
      ...header,
      data: fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.uint8Array({ minLength: 1, maxLength: 65_535, size: "max" }),
      ),
      le: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 65_536 })),
    },
    { requiredKeys: ["cla", "ins", "p1", "p2"] },
  );
  fc.assert(
    fc.property(command, (value) => {
      expect(parseCommand(encodeCommand(value))).toEqual(value);
    }),
  );
});

test("the seven forms of ISO/IEC 7816-4 §5.1 are told apart", () => {
  const parsed = (hex: string) => parseCommand(fromHex(hex)!);
  const select = { cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x0c };
  expect(parsed("00a4040c")).toEqual(select);
  expect(parsed("00a4040c00")).toEqual({ ...select, le: 256 });
  expect(parsed("00a4040c02abcd")).toEqual({ ...select, data: Uint8Array.of(0xab, 0xcd) });
  expect(parsed("00a4040c02abcd10")).toEqual({ ...select, data: Uint8Array.of(0xab, 0xcd), le: 16 });
  expect(parsed("00a4040c000000")).toEqual({ ...select, le: 65_536 });
  expect(parsed("00a4040c000001ab")).toEqual({ ...select, data: Uint8Array.of(0xab) });
  expect(parsed("00a4040c000001ab0100")).toEqual({ ...select, data: Uint8Array.of(0xab), le: 256 });
});

test.each([
  ["too short for a header", "00a404"],
  ["a body of two zeros", "00a4040c0000"],
  ["less data than Lc says", "00a4040c03abcd"],
  ["one byte more than Lc and Le", "00a4040c01abcdef"],
  ["an extended Lc of nothing", "00a4040c000000ab"],
  ["an extended Lc with a short Le", "00a4040c000001ab00"],
])("%s is no command", (_, hex) => {
  expect(parseCommand(fromHex(hex)!)).toBeUndefined();
});

test("any bytes are a command or none, and a command is the same when encoded again", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const command = parseCommand(bytes);
      if (command) expect(parseCommand(encodeCommand(command))).toEqual(command);
    }),
  );
});

test("lengths that no APDU has are refused before anything is encoded", () => {
  const read = { cla: 0, ins: 0xb0, p1: 0, p2: 0 };
  expect(() => encodeCommand({ ...read, le: 65_537 })).toThrow(RangeError);
  expect(() => encodeCommand({ ...read, data: new Uint8Array() })).toThrow(RangeError);
  expect(() => encodeCommand({ ...read, data: new Uint8Array(65_536) })).toThrow(RangeError);
});

test("a response is data and a status word", () => {
  expect(parseResponse(encodeResponse(0x63c2))).toEqual({ data: new Uint8Array(), statusWord: 0x63c2 });
  expect(parseResponse(Uint8Array.of(1, 2, 0x90, 0x00))).toEqual({ data: Uint8Array.of(1, 2), statusWord: 0x9000 });
  for (const size of [0, 1, 65_539]) {
    expect(() => parseResponse(new Uint8Array(size))).toThrow(expect.objectContaining({ code: "MALFORMED_RESPONSE" }));
  }
});

test("hexadecimal text is bytes, and nothing else is", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(fromHex(toHex(bytes))).toEqual(bytes);
    }),
  );
  for (const text of ["0", "0g", " 00", "0x00", "+1"]) expect(fromHex(text)).toBeUndefined();
});
