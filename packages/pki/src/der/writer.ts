import { encodeOid } from "./oid.ts";
import { contextConstructed, tags } from "./tags.ts";

/** One DER element. Content above 2^32 octets is out of reach. */
export function element(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  const header = [tag];
  if (length < 0x80) header.push(length);
  else {
    const octets: number[] = [];
    for (let left = length; left > 0; left = Math.floor(left / 256)) octets.unshift(left % 256);
    header.push(0x80 | octets.length, ...octets);
  }
  return Buffer.concat([Buffer.from(header), ...content]);
}

export const sequence = (...content: readonly Uint8Array[]): Buffer => element(tags.sequence, ...content);

/** SET OF: DER sorts the elements (X.690 11.6). */
export const setOf = (...content: readonly Uint8Array[]): Buffer =>
  element(tags.set, ...[...content].sort(Buffer.compare));

/** `[number]` around a whole element. */
export const explicit = (number: number, content: Uint8Array): Buffer => element(contextConstructed(number), content);

/** INTEGER from its content octets in two's complement. */
export const integer = (content: Uint8Array): Buffer => element(tags.integer, content);

/** INTEGER from a positive number given as octets of any length. */
export function unsignedInteger(magnitude: Uint8Array): Buffer {
  const first = magnitude.findIndex((octet) => octet !== 0);
  const shortest = first === -1 ? Buffer.of(0) : magnitude.subarray(first);
  return element(tags.integer, shortest[0]! >= 0x80 ? Buffer.of(0) : Buffer.alloc(0), shortest);
}

export const boolean = (value: boolean): Buffer => element(tags.boolean, Buffer.of(value ? 0xff : 0));
export const nullValue = (): Buffer => element(tags.null);
export const objectIdentifier = (dotted: string): Buffer => element(tags.oid, encodeOid(dotted));
export const octetString = (content: Uint8Array): Buffer => element(tags.octetString, content);
export const utf8String = (text: string): Buffer => element(tags.utf8String, Buffer.from(text, "utf8"));

/** BIT STRING of whole octets. */
export const bitString = (content: Uint8Array): Buffer => element(tags.bitString, Buffer.of(0), content);

/** A named-bit list below 16 bits: bit n of the ASN.1 is `1 << n` (X.690 11.2.2). */
export function namedBits(bits: number): Buffer {
  if (bits === 0) return element(tags.bitString, Buffer.of(0));
  const last = 31 - Math.clz32(bits);
  const octets = Buffer.alloc((last >> 3) + 1);
  for (let bit = 0; bit <= last; bit++) if ((bits >> bit) & 1) octets[bit >> 3]! |= 0x80 >> (bit & 7);
  return element(tags.bitString, Buffer.of(7 - (last & 7)), octets);
}

/** UTCTime before 2050, GeneralizedTime from then on (RFC 5280 4.1.2.5). Fractions of a second are cut. */
export function time(date: Date): Buffer {
  return date.getUTCFullYear() < 2050
    ? element(tags.utcTime, Buffer.from(timeDigits(date).slice(2)))
    : generalizedTime(date);
}

/** GeneralizedTime where no UTCTime is allowed. Fractions of a second are cut. */
export const generalizedTime = (date: Date): Buffer => element(tags.generalizedTime, Buffer.from(timeDigits(date)));

function timeDigits(date: Date): string {
  const year = date.getUTCFullYear();
  if (!(year >= 1950 && year <= 9999)) throw new RangeError("a time that certificates cannot hold");
  return date
    .toISOString()
    .replace(/\.[0-9]+Z$/, "Z")
    .replace(/[-:T]/g, "");
}
