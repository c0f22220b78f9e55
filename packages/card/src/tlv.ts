import { CardError } from "./card-error.ts";

/** A BER-TLV data object (ISO/IEC 7816-4 §5.2.2). `tag` is one or two bytes as one number, such as 0xdf22. */
export type Tlv = { tag: number; value: Uint8Array };

const largestLength = 0xffff;

/**
 * The first data object in `bytes` and how many bytes it takes; what follows is not looked at.
 * Tags of one or two bytes, definite lengths up to 65535 in at most three bytes; all else is `MALFORMED_RESPONSE`.
 */
export function parseTlv(bytes: Uint8Array): Tlv & { size: number } {
  const { tag, start, size } = parseHeader(bytes);
  if (size > bytes.length) throw malformed("a value longer than its surroundings");
  return { tag, value: bytes.slice(start, size), size };
}

/** How many bytes the first data object takes, from its tag and length alone: its value may be still to come. */
export function tlvSize(beginning: Uint8Array): number {
  return parseHeader(beginning).size;
}

function parseHeader(bytes: Uint8Array): { tag: number; start: number; size: number } {
  const first = byteAt(bytes, 0);
  const twoBytes = (first & 0x1f) === 0x1f;
  const tag = twoBytes ? first * 0x100 + byteAt(bytes, 1) : first;
  if (twoBytes && (tag & 0x80) !== 0) throw malformed("a tag of more than two bytes");
  const lengthAt = twoBytes ? 2 : 1;
  const short = byteAt(bytes, lengthAt);
  const lengthBytes = short < 0x80 ? 0 : short & 0x7f;
  if (short === 0x80 || lengthBytes > 2) throw malformed("a length that is indefinite or too large");
  let length = lengthBytes === 0 ? short : 0;
  for (let index = 1; index <= lengthBytes; index++) length = length * 0x100 + byteAt(bytes, lengthAt + index);
  const start = lengthAt + 1 + lengthBytes;
  return { tag, start, size: start + length };
}

/** All data objects in `bytes`, in order, nothing left over. Does not look inside constructed ones. */
export function parseTlvs(bytes: Uint8Array): Tlv[] {
  const objects: Tlv[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const { tag, value, size } = parseTlv(bytes.subarray(offset));
    objects.push({ tag, value });
    offset += size;
  }
  return objects;
}

/** Shortest form. Throws RangeError for a tag of more than two bytes or a value of more than 65535. */
export function encodeTlv(tag: number, value: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = value.length;
  if (length > largestLength || !isTag(tag)) throw new RangeError("no such data object");
  return Uint8Array.from([
    ...(tag > 0xff ? [tag >> 8] : []),
    tag & 0xff,
    ...(length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]),
    ...value,
  ]);
}

function isTag(tag: number): boolean {
  if (tag <= 0xff) return tag >= 0 && (tag & 0x1f) !== 0x1f;
  return tag <= 0xffff && (tag & 0x1f00) === 0x1f00 && (tag & 0x80) === 0;
}

function byteAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index];
  if (byte === undefined) throw malformed("a data object that ends early");
  return byte;
}

function malformed(sentence: string): CardError {
  return new CardError("MALFORMED_RESPONSE", sentence);
}
