import { isAscii } from "node:buffer";
import { tags } from "./der/tags.ts";
import { PkiError } from "./pki-error.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

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

/** Text of a character string type. TeletexString is read as Latin-1. Throws `MALFORMED` on characters the type has not. */
export function decodeString(tag: number, content: Buffer): string {
  switch (tag) {
    case tags.utf8String:
      return decodeUtf8(content);
    case tags.printableString:
      return matching(/^[A-Za-z0-9 '()+,\-./:=?*@&_]*$/, content);
    case tags.numericString:
      return matching(/^[0-9 ]*$/, content);
    case tags.ia5String:
    case tags.visibleString:
      return matching(/^[\0-\x7f]*$/, content);
    case tags.teletexString:
      return content.toString("latin1");
    case tags.bmpString:
      if (content.length % 2 !== 0) break;
      return wellFormed(Buffer.from(content).swap16().toString("utf16le"));
    case tags.universalString:
      if (content.length % 4 !== 0) break;
      return decodeUniversal(content);
  }
  throw new PkiError("MALFORMED", "character string");
}

function decodeUtf8(content: Buffer): string {
  if (isAscii(content)) return content.toString("latin1");
  try {
    return utf8.decode(content);
  } catch (cause) {
    throw new PkiError("MALFORMED", "UTF8String", { cause });
  }
}

/** PrintableString also with `*`, `@`, `&` and `_`, which CAs have always written into it. */
function matching(pattern: RegExp, content: Buffer): string {
  const text = content.toString("latin1");
  if (!pattern.test(text)) throw new PkiError("MALFORMED", "a character that its string type has not");
  return text;
}

function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw new PkiError("MALFORMED", "BMPString");
  return text;
}

function decodeUniversal(content: Buffer): string {
  let text = "";
  for (let at = 0; at < content.length; at += 4) {
    const point = content.readUInt32BE(at);
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) throw new PkiError("MALFORMED", "UniversalString");
    text += String.fromCodePoint(point);
  }
  return text;
}
