import { expect, test } from "vitest";
import { toHex } from "../hex.ts";
import { parseTlv, parseTlvs } from "../tlv.ts";
import { verificationNumberB } from "../verification-number.ts";
import { encodeAttributes, encodeMyNumber } from "./text-files.ts";

/** Where each field's tag stands, as the offset table of DF21 says. */
function fieldsByOffset(file: Uint8Array): number[] {
  const table = parseTlvs(parseTlv(file).value)[0]!.value;
  return [0, 2, 4, 6].map((at) => parseTlv(file.subarray(table[at]! * 256 + table[at + 1]!)).tag);
}

const attributes = { name: "黒昀　幹仟", address: "東京都", birthdate: "19800217", gender: "1" } as const;

test("the number's file is 17 bytes", () => {
  expect(toHex(encodeMyNumber("537686677188"))).toBe("ff100c353337363836363737313838ffff");
});

test("the attributes of a J-LIS test card are written as on it", () => {
  // The address has 54 bytes there; only its length matters to the offsets.
  const file = encodeAttributes({ ...attributes, address: "あ".repeat(18) });
  const beginning = "ff2065df2108000e002000590064df220fe9bb92e6a180e38080e5b9b9e4bb9f";
  expect(toHex(file).slice(0, 34)).toBe(beginning.slice(0, 34));
  expect(toHex(file).endsWith("df24083139383030323137df250131")).toBe(true);
});

test.each([3, 29, 30, 31, 70, 71, 200])("offsets point at the fields with an address of %i characters", (length) => {
  const file = encodeAttributes({ ...attributes, address: "あ".repeat(length) });
  expect(parseTlv(file).size).toBe(file.length);
  expect(fieldsByOffset(file)).toEqual([0xdf22, 0xdf23, 0xdf24, 0xdf25]);
});

test.each([
  ["19800217", "20350217", "2285", "55021720352285"],
  ["20190430", "20300101", "0001", "31043020300001"],
  ["20190501", "20300101", "0001", "01050120300001"],
  ["19890107", "20300101", "0001", "64010720300001"],
  ["19261225", "20300101", "0001", "01122520300001"],
  ["19120729", "20300101", "0001", "45072920300001"],
])("照合番号B of a birth on %s is in the year of its era", (birthdate, expiry, securityCode, expected) => {
  expect(verificationNumberB({ birthdate, expiry, securityCode })).toBe(expected);
});

test("digits of another form are refused", () => {
  expect(() => encodeMyNumber("12345678901")).toThrow(TypeError);
  expect(() => encodeAttributes({ ...attributes, birthdate: "1980-02-17" })).toThrow(TypeError);
  expect(() => verificationNumberB({ birthdate: "19800217", expiry: "2035", securityCode: "2285" })).toThrow(TypeError);
});
