import { createHash } from "node:crypto";

/** One way in which a value may stand in bytes. */
export type Writing = { what: string; bytes: Buffer };

const hash = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest();

/** A My Number, and the issuer's record over it, which is as secret as the number. */
export type Secret = { myNumber: string; record: Uint8Array };

/** Every way that we can think of in which a number, its digests, or the record could stand somewhere. */
export function writingsOf({ myNumber, record }: Secret): Writing[] {
  const file = Buffer.concat([Buffer.from([0xff, 0x10, 0x0c]), Buffer.from(myNumber), Buffer.from([0xff, 0xff])]);
  const signature = Buffer.from(record).subarray(-240, -120);
  return [
    ...numberWritings(myNumber),
    ...digestWritings("EF 0003 digest of the number", hash(file)),
    ...digestWritings("SHA-256 of the number", hash(myNumber)),
    ...digestWritings("SHA-1 of the number", createHash("sha1").update(myNumber).digest()),
    ...digestWritings("EF 0003 signature", signature),
  ];
}

function numberWritings(number: string): Writing[] {
  const fullWidth = [...number].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join("");
  const kanji = [...number].map((digit) => "〇一二三四五六七八九"[Number(digit)]).join("");
  const texts: [string, string][] = [
    ["digits", number],
    ["digits without the check digit", number.slice(0, 11)],
    ["in groups of four", number.replace(/(\d{4})(?=\d)/g, "$1 ")],
    ["with hyphens", number.replace(/(\d{4})(?=\d)/g, "$1-")],
    ["with commas", Number(number).toLocaleString("en-US")],
    ["backwards", [...number].reverse().join("")],
    ["full-width", fullWidth],
    ["kanji", kanji],
    ["JSON escapes", [...number].map((digit) => `\\u00${digit.charCodeAt(0).toString(16)}`).join("")],
    ["percent", [...number].map((digit) => `%${digit.charCodeAt(0).toString(16)}`).join("")],
    ["hexadecimal integer", BigInt(number).toString(16)],
    ["base 36", BigInt(number).toString(36)],
  ];
  const integer = Buffer.alloc(8);
  integer.writeBigUInt64BE(BigInt(number));
  const double = Buffer.alloc(8);
  double.writeDoubleBE(Number(number));
  const backwards = (bytes: Buffer) => Buffer.from(bytes).reverse();
  return [
    ...texts.flatMap(([what, text]) => textWritings(what, text)),
    ...digestWritings("digits as bytes", Buffer.from(number)),
    ...digestWritings("full-width as bytes", Buffer.from(fullWidth)),
    { what: "BCD", bytes: Buffer.from(number, "hex") },
    { what: "BCD backwards", bytes: backwards(Buffer.from(number, "hex")) },
    { what: "BCD in hexadecimal words", bytes: Buffer.from(`0x${number}`) },
    { what: "64-bit integer", bytes: integer },
    { what: "64-bit integer, little-endian", bytes: backwards(integer) },
    { what: "double", bytes: double },
    { what: "double, little-endian", bytes: backwards(double) },
    // PostgreSQL's numeric: base 10000, two bytes a digit.
    { what: "numeric", bytes: Buffer.concat(number.match(/\d{4}/g)!.map((four) => uint16(Number(four), false))) },
    {
      what: "numeric, little-endian",
      bytes: Buffer.concat(number.match(/\d{4}/g)!.map((four) => uint16(Number(four), true))),
    },
  ];
}

function textWritings(what: string, text: string): Writing[] {
  const little = Buffer.from(text, "utf16le");
  return [
    { what, bytes: Buffer.from(text) },
    { what: `${what}, UTF-16`, bytes: little },
    { what: `${what}, UTF-16 big-endian`, bytes: Buffer.from(little).swap16() },
  ];
}

/** The characters of base64 that depend on nothing before or after, at each of the three places where bytes may begin. */
function base64Of(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    return text.slice(shift === 0 ? 0 : shift + 1, text.length - (text.endsWith("=") ? 4 : 0));
  });
}

/** Bytes as they are, in hexadecimal, in base64, and in base64 of that, as a JWS has the card's files. */
function digestWritings(what: string, bytes: Buffer): Writing[] {
  const inUrl = (text: string) => text.replaceAll("+", "-").replaceAll("/", "_");
  const base64 = base64Of(bytes);
  const twice = [...base64, ...base64.map(inUrl)].flatMap((text) => base64Of(Buffer.from(text))).map(inUrl);
  const texts: [string, string][] = [
    ["hexadecimal", bytes.toString("hex")],
    ["HEXADECIMAL", bytes.toString("hex").toUpperCase()],
    ...twice.map((text, at): [string, string] => [`base64 of base64 at ${at}`, text]),
    ...base64.flatMap((text, shift): [string, string][] => [
      [`base64 at ${shift}`, text],
      [`base64url at ${shift}`, inUrl(text)],
    ]),
  ];
  const asText = texts.flatMap(([how, text]) => textWritings(`${what}, ${how}`, text));
  const raw = bytes.length >= 16 ? [{ what: `${what}, raw`, bytes: bytes.subarray(0, 16) }] : [];
  return [...raw, ...asText];
}

function uint16(value: number, little: boolean): Buffer {
  const bytes = Buffer.alloc(2);
  if (little) bytes.writeUInt16LE(value);
  else bytes.writeUInt16BE(value);
  return bytes;
}
