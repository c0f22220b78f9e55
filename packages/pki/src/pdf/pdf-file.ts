import { PkiError } from "../pki-error.ts";
import {
  type CrossReferenceEntry,
  type CrossReferenceSection,
  lastCrossReference,
  readCrossReferences,
} from "./cross-reference.ts";
import { decodePdfStream } from "./pdf-filter.ts";
import { PdfReader } from "./pdf-reader.ts";
import { isDictionary, isName, type PdfDictionary, PdfReference, PdfStream, type PdfValue } from "./pdf-value.ts";

const limits = { octets: 50 * 1024 * 1024, unpacked: 256 * 1024 * 1024, containers: 100_000 };

const malformed = (what: string): PkiError => new PkiError("MALFORMED", `PDF: ${what}`);

/** A PDF file (ISO 32000-2) up to 50 MiB, read object by object as it is asked for. */
export class PdfFile {
  readonly bytes: Buffer;
  /** Newest first. */
  readonly sections: readonly CrossReferenceSection[];
  readonly #objects = new Map<number, { value: PdfValue; number: number; generation: number; end: number }>();
  readonly #containers = new Map<number, ReadonlyMap<number, PdfValue>>();
  #unpacked = 0;

  /** `bytes` are not copied and must not change afterwards. Throws `MALFORMED`, `UNSUPPORTED` or `TOO_COMPLEX`. */
  constructor(bytes: Uint8Array) {
    if (bytes.length > limits.octets) throw new PkiError("TOO_COMPLEX", "PDF: more than 50 MiB");
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (this.bytes.toString("latin1", 0, 5) !== "%PDF-") throw malformed("no file that begins with %PDF-");
    this.sections = readCrossReferences(this.bytes, lastCrossReference(this.bytes, this.bytes.length));
  }

  /** The file as it was when this section was its newest. */
  revision(section: number): PdfRevision {
    return new PdfRevision(this, section);
  }

  get newest(): PdfRevision {
    return this.revision(0);
  }

  /** The object at an offset of the file, and where it ends. */
  objectAt(offset: number, lengthOf: (reference: PdfReference) => number) {
    const known = this.#objects.get(offset);
    if (known !== undefined) return known;
    const reader = new PdfReader(this.bytes, offset);
    const number = reader.unsigned();
    const generation = reader.unsigned();
    reader.keyword("obj");
    const value = reader.objectContent(lengthOf);
    reader.keyword("endobj");
    const object = { value, number, generation, end: reader.position };
    this.#objects.set(offset, object);
    return object;
  }

  /** All objects of the object stream at an offset (7.5.7), by their numbers. */
  containerAt(offset: number, stream: PdfStream): ReadonlyMap<number, PdfValue> {
    const known = this.#containers.get(offset);
    if (known !== undefined) return known;
    const count = stream.dictionary.get("N");
    const first = stream.dictionary.get("First");
    if (!isName(stream.dictionary.get("Type"), "ObjStm") || typeof count !== "number" || typeof first !== "number") {
      throw malformed("an object stream that is none");
    }
    const data = decodePdfStream(stream);
    this.#unpacked += data.length;
    if (this.#unpacked > limits.unpacked || this.#containers.size === limits.containers || count > data.length) {
      throw new PkiError("TOO_COMPLEX", "PDF: object streams that unpack to too much");
    }
    const header = new PdfReader(data, 0);
    const objects = new Map<number, PdfValue>();
    for (let index = 0; index < count; index++) {
      const number = header.unsigned();
      const at = header.unsigned();
      if (objects.has(number)) throw malformed("an object twice in one object stream");
      objects.set(number, new PdfReader(data, first + at).value());
    }
    this.#containers.set(offset, objects);
    return objects;
  }
}

/** A PDF file as of one of its revisions: that section and those before it. */
export class PdfRevision {
  readonly file: PdfFile;
  /** Index among the file's sections. */
  readonly section: number;
  #readingLength = false;

  constructor(file: PdfFile, section: number) {
    this.file = file;
    this.section = section;
  }

  get trailer(): PdfDictionary {
    return this.file.sections[this.section]!.trailer;
  }

  /** Where the object is; undefined when there never was one of this number, `free` when there is none any more. */
  entry(number: number): CrossReferenceEntry | undefined {
    const { sections } = this.file;
    for (let index = this.section; index < sections.length; index++) {
      const entry = sections[index]!.entries.get(number);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  isInUse(number: number): boolean {
    const entry = this.entry(number);
    return entry !== undefined && entry !== "free";
  }

  /** What a reference leads to, through further references; null where there is nothing (7.3.10). */
  resolve(value: PdfValue | undefined): PdfValue {
    let current = value ?? null;
    for (let steps = 0; current instanceof PdfReference; steps++) {
      if (steps === 16) throw malformed("references that lead nowhere");
      current = this.object(current.number, current.generation);
    }
    return current;
  }

  dictionary(value: PdfValue | undefined): PdfDictionary | undefined {
    const resolved = this.resolve(value);
    return isDictionary(resolved) ? resolved : undefined;
  }

  get catalog(): PdfDictionary {
    const catalog = this.dictionary(this.trailer.get("Root"));
    if (catalog === undefined) throw malformed("no catalog");
    return catalog;
  }

  object(number: number, generation = 0): PdfValue {
    const entry = this.entry(number);
    if (entry === undefined || entry === "free") return null;
    if ("container" in entry) {
      if (generation !== 0) return null;
      const container = this.entry(entry.container);
      if (container === undefined || container === "free" || "container" in container) {
        throw malformed("an object stream that is not there");
      }
      const stream = this.#at(container.offset, entry.container);
      if (!(stream instanceof PdfStream)) throw malformed("an object stream that is none");
      const value = this.file.containerAt(container.offset, stream).get(number);
      if (value === undefined) throw malformed("an object that is not in its object stream");
      return value;
    }
    if (entry.generation !== generation) return null;
    return this.#at(entry.offset, number);
  }

  #at(offset: number, number: number): PdfValue {
    const object = this.file.objectAt(offset, (reference) => this.#length(reference));
    if (object.number !== number) throw malformed("another object than its cross-reference says");
    return object.value;
  }

  /** A stream's length elsewhere: a plain number. */
  #length({ number }: PdfReference): number {
    const entry = this.entry(number);
    if (entry === undefined || entry === "free") throw malformed("length of a stream");
    if ("container" in entry) return this.#lengthInContainer(number);
    const reader = new PdfReader(this.file.bytes, entry.offset);
    if (reader.unsigned() !== number) throw malformed("length of a stream");
    reader.unsigned();
    reader.keyword("obj");
    return reader.unsigned();
  }

  #lengthInContainer(number: number): number {
    // An object stream that holds its own length.
    if (this.#readingLength) throw malformed("length of a stream");
    this.#readingLength = true;
    let length: PdfValue;
    try {
      length = this.object(number);
    } finally {
      this.#readingLength = false;
    }
    if (typeof length !== "number") throw malformed("length of a stream");
    return length;
  }

  /** Where the object, or the object stream that it is in, ends in the file; 0 for one that is not there. */
  endOfObject(number: number): number {
    const own = this.entry(number);
    const entry = own !== undefined && own !== "free" && "container" in own ? this.entry(own.container) : own;
    return entry !== undefined && entry !== "free" && "offset" in entry ? this.endOf(entry.offset) : 0;
  }

  /** Where the object that begins at an offset ends. */
  endOf(offset: number): number {
    return this.file.objectAt(offset, (reference) => this.#length(reference)).end;
  }
}
