/** A value of a PDF file (ISO 32000-2 7.3). Numbers, booleans, null, arrays and dictionaries are those of the language. */
export type PdfValue =
  | null
  | boolean
  | number
  | PdfName
  | PdfString
  | PdfReference
  | PdfStream
  | readonly PdfValue[]
  | PdfDictionary;

export type PdfDictionary = ReadonlyMap<string, PdfValue>;

export class PdfName {
  /** Without the solidus, `#xx` decoded, one character an octet. */
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
}

export class PdfString {
  /** As written, with its brackets. */
  readonly raw: Buffer;
  /** Where `raw` begins in the bytes that were read. */
  readonly start: number;
  constructor(raw: Buffer, start = 0) {
    this.raw = raw;
    this.start = start;
  }

  /** Whether it is written in hexadecimal. */
  get isHexadecimal(): boolean {
    return this.raw[0] === 0x3c;
  }
}

export class PdfReference {
  readonly number: number;
  readonly generation: number;
  constructor(number: number, generation = 0) {
    this.number = number;
    this.generation = generation;
  }
}

export class PdfStream {
  readonly dictionary: PdfDictionary;
  /** Still encoded. */
  readonly raw: Buffer;
  constructor(dictionary: PdfDictionary, raw: Buffer) {
    this.dictionary = dictionary;
    this.raw = raw;
  }
}

export const isDictionary = (value: PdfValue | undefined): value is PdfDictionary => value instanceof Map;
export const isArray = (value: PdfValue | undefined): value is readonly PdfValue[] => Array.isArray(value);
export const isName = (value: PdfValue | undefined, name: string): boolean =>
  value instanceof PdfName && value.value === name;

/** The bytes of a value as a PDF file has them; a stream with its dictionary's Length set. */
export function writePdfValue(value: PdfValue): Buffer {
  const parts: (string | Buffer)[] = [];
  write(value, parts);
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part)));
}

/** Whether two values are written alike: the order in dictionaries counts, spaces do not. */
export function samePdfValue(a: PdfValue | undefined, b: PdfValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return writePdfValue(a).equals(writePdfValue(b));
}

function write(value: PdfValue, parts: (string | Buffer)[]): void {
  if (value === null || typeof value === "boolean") parts.push(String(value));
  else if (typeof value === "number") parts.push(numberText(value));
  else if (value instanceof PdfName) parts.push(nameText(value.value));
  else if (value instanceof PdfString) parts.push(value.raw);
  else if (value instanceof PdfReference) parts.push(`${value.number} ${value.generation} R`);
  else if (value instanceof PdfStream) {
    write(new Map([...value.dictionary, ["Length", value.raw.length]]), parts);
    parts.push("\nstream\n", value.raw, "\nendstream");
  } else if (isDictionary(value)) {
    parts.push("<<");
    for (const [key, inner] of value) {
      parts.push(nameText(key), " ");
      write(inner, parts);
    }
    parts.push(">>");
  } else {
    parts.push("[");
    for (const inner of value) {
      write(inner, parts);
      parts.push(" ");
    }
    parts.push("]");
  }
}

/** PDF knows no exponents. */
function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  return value.toFixed(10).replace(/\.?0+$/, "");
}

function nameText(name: string): string {
  const escaped = name.replace(
    /[^!$&-'*-.0-;=?-Z\\^-z|~]|#/g,
    (character) => `#${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `/${escaped}`;
}

/** A text string (ISO 32000-2 7.9.2.2): in ASCII where that is enough, else UTF-16 with its mark. */
export function pdfText(text: string): PdfString {
  if (/^[\x20-\x7e]*$/.test(text)) return new PdfString(Buffer.from(`(${text.replace(/[\\()]/g, "\\$&")})`, "latin1"));
  return hexString(Buffer.concat([Buffer.of(0xfe, 0xff), Buffer.from(text, "utf16le").swap16()]));
}

export const hexString = (octets: Uint8Array): PdfString =>
  new PdfString(Buffer.from(`<${Buffer.from(octets).toString("hex")}>`, "latin1"));
