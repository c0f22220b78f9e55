import { PkiError } from "../pki-error.ts";
import { checkOid, decodeOid } from "./oid.ts";
import { tags } from "./tags.ts";
import { parseTime } from "./time.ts";

const malformed = (what: string): PkiError => new PkiError("MALFORMED", what);

/**
 * A cursor over DER (X.690 section 10) that copies nothing and never recurses: the caller's grammar decides how deep
 * it goes. One-octet tags and lengths below 2^32 only, which is all that PKIX uses.
 * Every method throws `PkiError("MALFORMED")` where the bytes are not what the caller asked for in its one DER form.
 * Content that no method was called for is not checked.
 */
export class DerReader {
  readonly bytes: Buffer;
  /** Where this reader stops; a caller that narrows it for an inner element sets it back. */
  end: number;
  position: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  get done(): boolean {
    return this.position === this.end;
  }

  /** The next identifier octet, or -1 at the end. */
  get tag(): number {
    return this.position < this.end ? this.bytes[this.position]! : -1;
  }

  /** Whether the next octets are these. */
  startsWith(octets: Buffer): boolean {
    const { bytes, position } = this;
    if (octets.length > this.end - position) return false;
    for (let at = 0; at < octets.length; at++) if (bytes[position + at] !== octets[at]) return false;
    return true;
  }

  /** Steps over the identifier and length octets of an element with this tag; answers where its content ends. */
  open(tag: number): number {
    const { bytes, end } = this;
    let position = this.position;
    if (position + 2 > end) throw malformed("element ends early");
    if (bytes[position++] !== tag) throw malformed(`expected tag 0x${tag.toString(16)}`);
    let length = bytes[position++]!;
    if (length >= 0x80) {
      const octets = length & 0x7f;
      if (octets === 0 || octets > 4 || position + octets > end) throw malformed("length");
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + bytes[position++]!;
      if (length < (octets === 1 ? 0x80 : 256 ** (octets - 1))) throw malformed("length is not minimal");
    }
    if (length > end - position) throw malformed("element is longer than what holds it");
    this.position = position;
    return position + length;
  }

  /** A reader for the content of a constructed element; this reader moves past it. */
  enter(tag: number): DerReader {
    const end = this.open(tag);
    const inner = new DerReader(this.bytes, this.position, end);
    this.position = end;
    return inner;
  }

  /** The content octets of an element with this tag. */
  content(tag: number): Buffer {
    const end = this.open(tag);
    const content = this.bytes.subarray(this.position, end);
    this.position = end;
    return content;
  }

  /** A whole element, identifier and length included, whatever its tag. */
  element(): Buffer {
    const start = this.position;
    this.skip();
    return this.bytes.subarray(start, this.position);
  }

  /** Moves past the next element, whatever its tag. */
  skip(): void {
    const { tag } = this;
    if (tag === -1) throw malformed("element is missing");
    if ((tag & 0x1f) === 0x1f) throw malformed("long tags are not used in PKIX");
    this.position = this.open(tag);
  }

  /** Throws when bytes are left. */
  finish(): void {
    if (this.position !== this.end) throw malformed("bytes are left over");
  }

  /** Steps over the identifier and length of an INTEGER (two's complement, shortest form); answers where its content ends. */
  openInteger(tag: number = tags.integer): number {
    const end = this.open(tag);
    const length = end - this.position;
    if (length === 0) throw malformed("empty INTEGER");
    if (length > 1) {
      const first = this.bytes[this.position]!;
      const second = this.bytes[this.position + 1]!;
      if ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))
        throw malformed("INTEGER is not minimal");
    }
    return end;
  }

  /** The content octets of an INTEGER. */
  integer(tag: number = tags.integer): Buffer {
    const end = this.openInteger(tag);
    const content = this.bytes.subarray(this.position, end);
    this.position = end;
    return content;
  }

  /** An INTEGER from 0 to 2^31-1. */
  smallInteger(tag: number = tags.integer): number {
    const content = this.integer(tag);
    if (content.length > 4 || content[0]! >= 0x80) throw malformed("INTEGER out of range");
    return content.readUIntBE(0, content.length);
  }

  boolean(tag: number = tags.boolean): boolean {
    const content = this.content(tag);
    if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw malformed("BOOLEAN");
    return content[0] === 0xff;
  }

  /** BOOLEAN DEFAULT FALSE: DER leaves the default out (X.690 11.5). */
  flag(tag: number = tags.boolean): boolean {
    if (this.tag !== tag) return false;
    if (!this.boolean(tag)) throw malformed("a default value is written out");
    return true;
  }

  oid(): string {
    const end = this.open(tags.oid);
    const oid = decodeOid(this.bytes, this.position, end);
    this.position = end;
    return oid;
  }

  /** Moves past an OBJECT IDENTIFIER that is checked and not wanted. */
  skipOid(): void {
    const end = this.open(tags.oid);
    checkOid(this.bytes, this.position, end);
    this.position = end;
  }

  /** A BIT STRING whose length is a whole number of octets. */
  octetsOfBitString(tag: number = tags.bitString): Buffer {
    const content = this.content(tag);
    if (content[0] !== 0) throw malformed("BIT STRING of whole octets expected");
    return content.subarray(1);
  }

  /** A named-bit list as a number: bit n of the ASN.1 is `1 << n`. At most 16 bits; trailing zero bits are cut (X.690 11.2.2). */
  namedBits(tag: number = tags.bitString): number {
    const content = this.content(tag);
    const unused = content[0];
    if (unused === undefined || unused > 7 || content.length > 3) throw malformed("BIT STRING");
    const last = content.length === 1 ? undefined : content[content.length - 1]!;
    if (last === undefined ? unused !== 0 : ((last >> unused) & 1) === 0 || (last & ((1 << unused) - 1)) !== 0) {
      throw malformed("named bits are not in DER form");
    }
    let bits = 0;
    for (let bit = 0; bit < (content.length - 1) * 8; bit++) {
      if ((content[1 + (bit >> 3)]! << (bit & 7)) & 0x80) bits |= 1 << bit;
    }
    return bits;
  }

  /** UTCTime or GeneralizedTime in the forms of RFC 5280 4.1.2.5, in milliseconds since 1970. */
  time(): number {
    const { tag } = this;
    if (tag !== tags.utcTime && tag !== tags.generalizedTime) throw malformed("time expected");
    return this.timeAs(tag);
  }

  /** GeneralizedTime where no UTCTime is allowed, in milliseconds since 1970. */
  generalizedTime(tag: number = tags.generalizedTime): number {
    return this.timeAs(tag);
  }

  private timeAs(tag: number): number {
    const end = this.open(tag);
    const time = parseTime(this.bytes, this.position, end, tag === tags.utcTime);
    this.position = end;
    return time;
  }
}
