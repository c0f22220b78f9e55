import { isUtf8 } from "node:buffer";
import { tags } from "./der/tags.ts";
import { PkiError } from "./pki-error.ts";

/** Octets that a string type of one octet a character may hold, as a table. */
function octets(characters: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, octet) => (characters.test(String.fromCharCode(octet)) ? 1 : 0));
}

/** PrintableString also with `*`, `@`, `&` and `_`, which CAs have always written into it. */
const printable = octets(/[A-Za-z0-9 '()+,\-./:=?*@&_]/);
const numeric = octets(/[0-9 ]/);
const ascii = octets(/[\0-\x7f]/);

const stringTags: ReadonlySet<number> = new Set([
  tags.utf8String,
  tags.printableString,
  tags.ia5String,
  tags.teletexString,
  tags.bmpString,
  tags.universalString,
  tags.numericString,
  tags.visibleString,
]);

export function isString(tag: number): boolean {
  return stringTags.has(tag);
}

/** Throws `MALFORMED` where `decodeString` would, without making the text. */
export function checkString(tag: number, bytes: Buffer, start: number, end: number): void {
  if (!isWellFormed(tag, bytes, start, end))
    throw new PkiError("MALFORMED", "a character that its string type has not");
}

/** Text of a character string type. TeletexString is read as Latin-1. Throws `MALFORMED` on characters the type has not. */
export function decodeString(tag: number, content: Buffer): string {
  checkString(tag, content, 0, content.length);
  switch (tag) {
    case tags.utf8String:
      return content.toString("utf8");
    case tags.bmpString:
      return decodeBmp(content);
    case tags.universalString:
      return decodeUniversal(content);
    default:
      return content.toString("latin1");
  }
}

function isWellFormed(tag: number, bytes: Buffer, start: number, end: number): boolean {
  switch (tag) {
    case tags.utf8String:
      return consistsOf(ascii, bytes, start, end) || isUtf8(bytes.subarray(start, end));
    case tags.printableString:
      return consistsOf(printable, bytes, start, end);
    case tags.numericString:
      return consistsOf(numeric, bytes, start, end);
    case tags.ia5String:
    case tags.visibleString:
      return consistsOf(ascii, bytes, start, end);
    case tags.teletexString:
      return true;
    case tags.bmpString:
      return (end - start) % 2 === 0 && decodeBmp(bytes.subarray(start, end)).isWellFormed();
    case tags.universalString:
      return isUniversal(bytes, start, end);
    default:
      return false;
  }
}

function consistsOf(characters: Uint8Array, bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (characters[bytes[at]!] === 0) return false;
  return true;
}

function decodeBmp(content: Buffer): string {
  return Buffer.from(content).swap16().toString("utf16le");
}

function isUniversal(bytes: Buffer, start: number, end: number): boolean {
  if ((end - start) % 4 !== 0) return false;
  for (let at = start; at < end; at += 4) {
    const point = bytes.readUInt32BE(at);
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
  }
  return true;
}

function decodeUniversal(content: Buffer): string {
  let text = "";
  for (let at = 0; at < content.length; at += 4) text += String.fromCodePoint(content.readUInt32BE(at));
  return text;
}
