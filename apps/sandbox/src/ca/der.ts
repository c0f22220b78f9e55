/** Tags of DER that are written here by hand, where a library would take many times as long. */
export const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const;

/** Identifier and length octets. */
export function header(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.of(tag, length);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Buffer.of(tag, 0x80 + octets.length, ...octets);
}

export function element(tag: number, ...contents: Uint8Array[]): Buffer {
  const length = contents.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([header(tag, length), ...contents]);
}

/** An element inside `bytes`: where it begins, where its contents do, and where both end. */
export type Element = { tag: number; start: number; contents: number; end: number };

/**
 * The elements that fill a range exactly. Throws RangeError for what isn't DER: tags of more than one octet, lengths that are
 * indefinite, longer than need be, or beyond the range.
 */
export function elements(bytes: Uint8Array, from: number, to: number): Element[] {
  const found: Element[] = [];
  for (let start = from; start < to; ) {
    const tag = bytes[start]!;
    let contents = start + 2;
    let length = bytes[start + 1] ?? 0x80;
    if (length >= 0x80) {
      const octets = length - 0x80;
      length = 0;
      for (let count = 0; count < octets; count++) length = length * 256 + (bytes[contents++] ?? 0);
      if (octets === 0 || octets > 4 || length < 0x80 || length < 256 ** (octets - 1)) throw new RangeError("length");
    }
    const end = contents + length;
    if ((tag & 0x1f) === 0x1f || end > to) throw new RangeError("not DER");
    found.push({ tag, start, contents, end });
    start = end;
  }
  return found;
}
