import { PkiError } from "../pki-error.ts";
import { PdfName, PdfReference, PdfStream, PdfString, type PdfValue } from "./pdf-value.ts";

/** Arrays and dictionaries inside each other; elements of one; characters of a number or name. */
const limits = { depth: 64, elements: 1_000_000, token: 4096 };

const malformed = (what: string): PkiError => new PkiError("MALFORMED", `PDF: ${what}`);

const space = 1;
const delimiter = 2;
const classes = new Uint8Array(256);
for (const octet of [0, 9, 10, 12, 13, 32]) classes[octet] = space;
for (const character of "()<>[]{}/%") classes[character.charCodeAt(0)] = delimiter;

export const isPdfSpace = (octet: number | undefined): boolean => octet !== undefined && classes[octet] === space;

/**
 * A cursor over the syntax of PDF (ISO 32000-2 7.2, 7.3). Every method throws `MALFORMED` where the bytes are something
 * else, or `TOO_COMPLEX`.
 */
export class PdfReader {
  readonly bytes: Buffer;
  position: number;
  readonly end: number;

  constructor(bytes: Buffer, position: number, end = bytes.length) {
    if (!(position >= 0 && position <= end)) throw malformed("an offset outside of the file");
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  /** Past white space and comments. */
  skipSpace(): void {
    const { bytes, end } = this;
    let at = this.position;
    for (; at < end; at++) {
      const octet = bytes[at]!;
      if (octet === 0x25) while (at + 1 < end && bytes[at + 1] !== 10 && bytes[at + 1] !== 13) at++;
      else if (classes[octet] !== space) break;
    }
    this.position = at;
  }

  /** Whether the keyword comes next; moves past it if so. */
  takeKeyword(keyword: string): boolean {
    this.skipSpace();
    const after = this.position + keyword.length;
    if (after > this.end || this.bytes.toString("latin1", this.position, after) !== keyword) return false;
    if (after < this.end && classes[this.bytes[after]!] === 0) return false;
    this.position = after;
    return true;
  }

  keyword(keyword: string): void {
    if (!this.takeKeyword(keyword)) throw malformed(`${keyword} expected`);
  }

  /** An integer without sign, up to 2^40. */
  unsigned(): number {
    const value = this.#takeUnsigned();
    if (value === undefined) throw malformed("a whole number expected");
    return value;
  }

  #takeUnsigned(): number | undefined {
    this.skipSpace();
    const { bytes, end } = this;
    let at = this.position;
    let value = 0;
    for (; at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39; at++) {
      value = value * 10 + bytes[at]! - 0x30;
      if (value > 2 ** 40) throw malformed("a number that is too large");
    }
    if (at === this.position || (at < end && classes[bytes[at]!] === 0)) return undefined;
    this.position = at;
    return value;
  }

  /** Any value but a stream, whose dictionary it gives. */
  value(depth = 0): PdfValue {
    if (depth > limits.depth) throw new PkiError("TOO_COMPLEX", "PDF: nested too deep");
    this.skipSpace();
    if (this.position >= this.end) throw malformed("the end where a value is expected");
    const octet = this.bytes[this.position]!;
    switch (octet) {
      case 0x2f:
        return new PdfName(this.#name());
      case 0x28:
        return this.#literal();
      case 0x5b:
        return this.#array(depth);
      case 0x3c:
        return this.bytes[this.position + 1] === 0x3c ? this.#dictionary(depth) : this.#hexadecimal();
    }
    if (octet >= 0x30 && octet <= 0x39) {
      const reference = this.#reference();
      if (reference !== undefined) return reference;
    }
    return this.#word();
  }

  #reference(): PdfReference | undefined {
    const start = this.position;
    const number = this.#takeUnsigned();
    if (number !== undefined) {
      const generation = this.#takeUnsigned();
      if (generation !== undefined && this.takeKeyword("R")) return new PdfReference(number, generation);
    }
    this.position = start;
    return undefined;
  }

  /** A number, true, false or null. */
  #word(): PdfValue {
    const start = this.position;
    let at = start;
    while (at < this.end && classes[this.bytes[at]!] === 0) at++;
    if (at - start > limits.token) throw malformed("a word that is too long");
    const word = this.bytes.toString("latin1", start, at);
    this.position = at;
    if (word === "true") return true;
    if (word === "false") return false;
    if (word === "null") return null;
    if (!/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$/.test(word)) throw malformed("an unknown word");
    return Number(word);
  }

  #name(): string {
    const start = ++this.position;
    let at = start;
    while (at < this.end && classes[this.bytes[at]!] === 0) at++;
    if (at - start > limits.token) throw malformed("a name that is too long");
    this.position = at;
    const text = this.bytes.toString("latin1", start, at);
    return text.includes("#")
      ? text.replace(/#([0-9a-fA-F]{2})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)))
      : text;
  }

  #literal(): PdfString {
    const { bytes, end, position: start } = this;
    let open = 0;
    for (let at = start; at < end; at++) {
      const octet = bytes[at];
      if (octet === 0x5c) at++;
      else if (octet === 0x28) open++;
      else if (octet === 0x29 && --open === 0) {
        this.position = at + 1;
        return new PdfString(bytes.subarray(start, at + 1), start);
      }
    }
    throw malformed("a string that does not end");
  }

  #hexadecimal(): PdfString {
    const { bytes, position: start } = this;
    const close = bytes.indexOf(0x3e, start);
    if (close === -1 || close >= this.end) throw malformed("a string that does not end");
    for (let at = start + 1; at < close; at++) {
      if (hexDigit(bytes[at]!) === -1 && classes[bytes[at]!] !== space) throw malformed("a digit that is none");
    }
    this.position = close + 1;
    return new PdfString(bytes.subarray(start, close + 1), start);
  }

  #array(depth: number): PdfValue[] {
    this.position++;
    const values: PdfValue[] = [];
    for (;;) {
      this.skipSpace();
      if (this.bytes[this.position] === 0x5d && this.position < this.end) break;
      if (values.length === limits.elements) throw new PkiError("TOO_COMPLEX", "PDF: an array of too many elements");
      values.push(this.value(depth + 1));
    }
    this.position++;
    return values;
  }

  #dictionary(depth: number): Map<string, PdfValue> {
    this.position += 2;
    const dictionary = new Map<string, PdfValue>();
    for (;;) {
      this.skipSpace();
      const { bytes, position, end } = this;
      if (position + 1 < end && bytes[position] === 0x3e && bytes[position + 1] === 0x3e) break;
      if (position >= end || bytes[position] !== 0x2f) throw malformed("a key expected");
      const key = this.#name();
      // Readers differ in which of the two they take.
      if (dictionary.has(key)) throw malformed("a key twice in one dictionary");
      if (dictionary.size === limits.elements) throw new PkiError("TOO_COMPLEX", "PDF: too many keys");
      dictionary.set(key, this.value(depth + 1));
    }
    this.position += 2;
    return dictionary;
  }

  /** A value that may be a stream; `lengthOf` resolves what its Length refers to. */
  objectContent(lengthOf: (reference: PdfReference) => number): PdfValue {
    const value = this.value();
    if (!(value instanceof Map) || !this.takeKeyword("stream")) return value;
    const { bytes } = this;
    if (bytes[this.position] === 13) this.position++;
    if (bytes[this.position++] !== 10) throw malformed("a line end behind stream expected");
    const given = value.get("Length");
    const length = given instanceof PdfReference ? lengthOf(given) : given;
    if (typeof length !== "number" || !Number.isInteger(length) || length < 0 || length > this.end - this.position) {
      throw malformed("length of a stream");
    }
    const raw = bytes.subarray(this.position, this.position + length);
    this.position += length;
    this.keyword("endstream");
    return new PdfStream(value, raw);
  }
}

function hexDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
