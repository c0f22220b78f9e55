import { PkiError } from "../pki-error.ts";

const malformed = (): PkiError => new PkiError("MALFORMED", "OBJECT IDENTIFIER");

/** Longer identifiers than this many octets occur nowhere and are refused. */
const maxOctets = 64;

/** Attribute types (2.5.4) and extensions (2.5.29) by their last octet: most of what a certificate names. */
const attributeTypes = Array.from({ length: 0x80 }, (_, last) => `2.5.4.${last}`);
const extensions = Array.from({ length: 0x80 }, (_, last) => `2.5.29.${last}`);

/** Dotted forms already made, by a hash of their octets; one that falls together with another takes its place. */
const recent: ({ readonly octets: Buffer; readonly dotted: string } | undefined)[] = new Array(256).fill(undefined);

/** Throws `MALFORMED` on content octets of an OBJECT IDENTIFIER that are padded or cut. */
export function checkOid(bytes: Buffer, start: number, end: number): void {
  if (start === end || end - start > maxOctets || bytes[end - 1]! >= 0x80) throw malformed();
  let first = true;
  for (let at = start; at < end; at++) {
    if (first && bytes[at] === 0x80) throw malformed();
    first = bytes[at]! < 0x80;
  }
}

/** Dotted form of an OBJECT IDENTIFIER's content octets. Throws `MALFORMED` on padded or cut arcs. */
export function decodeOid(bytes: Buffer, start: number, end: number): string {
  if (end - start === 3 && bytes[start] === 0x55 && bytes[start + 2]! < 0x80) {
    if (bytes[start + 1] === 0x1d) return extensions[bytes[start + 2]!]!;
    if (bytes[start + 1] === 0x04) return attributeTypes[bytes[start + 2]!]!;
  }
  let slot = 0;
  for (let at = start; at < end; at++) slot = (slot * 31 + bytes[at]!) & 0xff;
  const known = recent[slot];
  if (known !== undefined && isAt(known.octets, bytes, start, end)) return known.dotted;
  checkOid(bytes, start, end);
  const dotted = dottedForm(bytes, start, end);
  recent[slot] = { octets: Buffer.from(bytes.subarray(start, end)), dotted };
  return dotted;
}

function isAt(octets: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (octets.length !== end - start) return false;
  for (let at = 0; at < octets.length; at++) if (octets[at] !== bytes[start + at]) return false;
  return true;
}

function dottedForm(bytes: Buffer, start: number, end: number): string {
  let text = "";
  let position = start;
  while (position < end) {
    let octet = bytes[position++]!;
    let arc: number | bigint = octet & 0x7f;
    while (octet >= 0x80) {
      octet = bytes[position++]!;
      arc =
        typeof arc === "number" && arc < 2 ** 45
          ? arc * 128 + (octet & 0x7f)
          : BigInt(arc) * 128n + BigInt(octet & 0x7f);
    }
    if (text !== "") text += `.${arc}`;
    else if (arc < 80) text = arc < 40 ? `0.${arc}` : `1.${Number(arc) - 40}`;
    else text = `2.${BigInt(arc) - 80n}`;
  }
  return text;
}

/** Content octets of an OBJECT IDENTIFIER written in dotted form. For identifiers of our own code: throws `TypeError`. */
export function encodeOid(dotted: string): Buffer {
  if (!/^[0-2](\.(0|[1-9][0-9]*))+$/.test(dotted)) throw new TypeError(`not an object identifier: ${dotted}`);
  const [first, second, ...rest] = dotted.split(".").map(BigInt) as [bigint, bigint, ...bigint[]];
  if (first < 2n && second >= 40n) throw new TypeError(`not an object identifier: ${dotted}`);
  const octets: number[] = [];
  for (const arc of [first * 40n + second, ...rest]) {
    const groups = [Number(arc & 0x7fn)];
    for (let left = arc >> 7n; left > 0n; left >>= 7n) groups.unshift(Number(left & 0x7fn) | 0x80);
    octets.push(...groups);
  }
  return Buffer.from(octets);
}
