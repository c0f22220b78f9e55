import { DerReader } from "./der/reader.ts";
import { tags } from "./der/tags.ts";
import { PkiError } from "./pki-error.ts";
import { checkString, decodeString, isString } from "./string.ts";

const labels: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "0.9.2342.19200300.100.1.25": "DC",
};

/** A name of more parts is refused: honest ones have about ten. */
const maxAttributes = 256;

export type NameAttribute = {
  /** Dotted object identifier of the attribute type. */
  readonly type: string;
  /** The text, or the hex of the DER where the value is no string. */
  readonly value: string;
  readonly isText: boolean;
};

/** A distinguished name (RFC 5280 4.1.2.4). Its parts are made when somebody asks for them: most names only stand there. */
export class Name {
  /** The bytes as received. */
  readonly der: Buffer;
  #rdns: readonly (readonly NameAttribute[])[] | undefined;

  constructor(der: Buffer, rdns?: readonly (readonly NameAttribute[])[]) {
    this.der = der;
    this.#rdns = rdns;
  }

  /** The relative distinguished names in order of encoding, usually one attribute each. */
  get rdns(): readonly (readonly NameAttribute[])[] {
    this.#rdns ??= readRdns(this.der);
    return this.#rdns;
  }

  get isEmpty(): boolean {
    // An empty SEQUENCE. Only a name made by `relativeTo`, which has a part, has no bytes.
    return this.der.length === 2;
  }

  /** All values of one attribute type, in order. */
  values(type: string): string[] {
    return this.rdns.flatMap((rdn) => rdn.filter((attribute) => attribute.type === type).map(({ value }) => value));
  }

  /** RFC 5280 7.1: case, width and runs of white space do not count, nor the kind of string. */
  equals(other: Name): boolean {
    if (this.der.length > 0 && this.der.equals(other.der)) return true;
    return this.rdns.length === other.rdns.length && this.startsWith(other);
  }

  /** Whether this name lies in the subtree of `base` (RFC 5280 4.2.1.10, directoryName). */
  startsWith(base: Name): boolean {
    return base.rdns.length <= this.rdns.length && base.rdns.every((rdn, at) => sameRdn(rdn, this.rdns[at]!));
  }

  /** Parts in the order of encoding, `C=JP, O=…`, with the escapes of RFC 4514. */
  toString(): string {
    const escaped = (text: string) => text.replace(/[\\,+"<>;=]|^[ #]| $/g, (character) => `\\${character}`);
    return this.rdns
      .map((rdn) =>
        rdn
          .map(({ type, value, isText }) => `${labels[type] ?? type}=${isText ? escaped(value) : `#${value}`}`)
          .join("+"),
      )
      .join(", ");
  }
}

/** As sets: attributes of one relative name have no order that counts. */
function sameRdn(a: readonly NameAttribute[], b: readonly NameAttribute[]): boolean {
  if (a.length !== b.length) return false;
  const isIn = (attribute: NameAttribute, rdn: readonly NameAttribute[]) =>
    rdn.some((own) => sameAttribute(attribute, own));
  return a.every((attribute) => isIn(attribute, b)) && b.every((attribute) => isIn(attribute, a));
}

function sameAttribute(a: NameAttribute, b: NameAttribute): boolean {
  if (a.type !== b.type || a.isText !== b.isText) return false;
  return a.value === b.value || (a.isText && preparedValue(a) === preparedValue(b));
}

/** Kept, so that comparing one long name with thousands costs its preparation once. */
const prepared = new WeakMap<NameAttribute, string>();

function preparedValue(attribute: NameAttribute): string {
  const known = prepared.get(attribute) ?? prepare(attribute.value);
  prepared.set(attribute, known);
  return known;
}

/** String preparation in the manner of RFC 4518: compatibility form, folded case, white space collapsed, invisible characters left out. */
function prepare(text: string): string {
  if (/^[!-~]+$/.test(text)) return text.toLowerCase();
  const folded = text.normalize("NFKC").toLowerCase().normalize("NFKC");
  return folded
    .replace(/[\u00ad\u200b-\u200f\u2060\ufeff]/gu, "")
    .replace(/\s+/gu, " ")
    .trim();
}

/** Reads and checks a Name. Throws `MALFORMED` or `TOO_COMPLEX`. */
export function readName(reader: DerReader): Name {
  const start = reader.position;
  const list = reader.enter(tags.sequence);
  const { end } = list;
  let attributes = 0;
  while (!list.done) {
    const setEnd = list.open(tags.set);
    if (list.position === setEnd) throw new PkiError("MALFORMED", "empty part of a name");
    while (list.position < setEnd) {
      if (++attributes > maxAttributes) throw new PkiError("TOO_COMPLEX", `a name of more than ${maxAttributes} parts`);
      list.end = setEnd;
      list.end = list.open(tags.sequence);
      list.skipOid();
      const { tag } = list;
      if (isString(tag)) {
        const valueEnd = list.open(tag);
        checkString(tag, list.bytes, list.position, valueEnd);
        list.position = valueEnd;
      } else list.skip();
      list.finish();
    }
    list.end = end;
  }
  return new Name(reader.bytes.subarray(start, reader.position));
}

/** The parts of a name that has been checked. */
function readRdns(der: Buffer): NameAttribute[][] {
  const list = new DerReader(der).enter(tags.sequence);
  const rdns: NameAttribute[][] = [];
  while (!list.done) rdns.push(readRelativeName(list, tags.set));
  return rdns;
}

/** The name one step below another, for comparison only: it has no bytes of its own. */
export function relativeTo(base: Name, rdn: readonly NameAttribute[]): Name {
  return new Name(Buffer.alloc(0), [...base.rdns, rdn]);
}

/** A Name from its DER, nothing else. Throws `MALFORMED`. */
export function parseName(der: Uint8Array): Name {
  const reader = new DerReader(Buffer.from(der));
  const name = readName(reader);
  reader.finish();
  return name;
}

/** The attributes of one RelativeDistinguishedName whose SET header was given as `tag`. */
export function readRelativeName(reader: DerReader, tag: number): NameAttribute[] {
  const set = reader.enter(tag);
  const rdn: NameAttribute[] = [];
  while (!set.done) {
    if (rdn.length === maxAttributes) throw new PkiError("TOO_COMPLEX", `a name of more than ${maxAttributes} parts`);
    rdn.push(readAttribute(set));
  }
  if (rdn.length === 0) throw new PkiError("MALFORMED", "empty part of a name");
  return rdn;
}

function readAttribute(set: DerReader): NameAttribute {
  const pair = set.enter(tags.sequence);
  const type = pair.oid();
  const { tag } = pair;
  const isText = isString(tag);
  const value = isText ? decodeString(tag, pair.content(tag)) : pair.element().toString("hex");
  pair.finish();
  return { type, value, isText };
}
