import { PkiError } from "../pki-error.ts";
import { decodePdfStream } from "./pdf-filter.ts";
import { PdfReader } from "./pdf-reader.ts";
import { isArray, isDictionary, isName, type PdfDictionary, PdfStream } from "./pdf-value.ts";

/** Objects, and revisions, beyond which a file is refused. */
const limits = { entries: 1_000_000, sections: 512, number: 8_388_607 };

const malformed = (what: string): PkiError => new PkiError("MALFORMED", `PDF: ${what}`);

/** Where an object is: at an offset of the file, or at a place in an object stream; or that there is none. */
export type CrossReferenceEntry =
  | { readonly offset: number; readonly generation: number }
  | { readonly container: number; readonly index: number }
  | "free";

/** One cross-reference table or stream with its trailer. */
export type CrossReferenceSection = {
  readonly offset: number;
  readonly isStream: boolean;
  readonly entries: ReadonlyMap<number, CrossReferenceEntry>;
  readonly trailer: PdfDictionary;
  /** Where the section itself ends: behind its trailer. */
  readonly readTo: number;
  /** Where the `%%EOF` of this section ends, its line end included; absent where something else stands there. */
  readonly end: number | undefined;
};

/** The offset that the last `startxref` before `end` names, when nothing but `%%EOF` and a line end stands behind it. */
export function lastCrossReference(bytes: Buffer, end: number): number {
  const tail = bytes.toString("latin1", Math.max(0, end - 128), end);
  const [, offset] = /startxref[\r\n ]+([0-9]{1,10})[\r\n ]+%%EOF(?:\r\n|\n|\r)?$/.exec(tail) ?? [];
  if (offset === undefined) throw malformed("it does not end with startxref and %%EOF");
  return Number(offset);
}

/**
 * All sections of a file, newest first, from the one at `offset` along Prev. Throws `MALFORMED`, `TOO_COMPLEX`, or
 * `UNSUPPORTED` on hybrid files, whose readers see different objects, and on encrypted ones.
 */
export function readCrossReferences(bytes: Buffer, offset: number): CrossReferenceSection[] {
  const sections: CrossReferenceSection[] = [];
  const seen = new Set<number>();
  let entries = 0;
  for (let next: number | undefined = offset; next !== undefined; ) {
    if (seen.has(next)) throw malformed("cross-references that lead back to themselves");
    if (seen.size === limits.sections) throw new PkiError("TOO_COMPLEX", "PDF: too many revisions");
    seen.add(next);
    const section = readSection(bytes, next, limits.entries - entries);
    entries += section.entries.size;
    sections.push(section);
    if (section.trailer.has("Encrypt")) throw new PkiError("UNSUPPORTED", "PDF: encrypted");
    if (section.trailer.has("XRefStm")) throw new PkiError("UNSUPPORTED", "PDF: hybrid cross-references");
    const previous = section.trailer.get("Prev");
    if (previous !== undefined && !(typeof previous === "number" && Number.isInteger(previous))) {
      throw malformed("Prev of a trailer");
    }
    next = previous;
  }
  return sections;
}

type Entries = Map<number, CrossReferenceEntry>;

function readSection(bytes: Buffer, offset: number, allowed: number): CrossReferenceSection {
  const reader = new PdfReader(bytes, offset);
  const isStream = !reader.takeKeyword("xref");
  const { entries, trailer } = isStream ? readStream(reader, allowed) : readTable(reader, allowed);
  return { offset, isStream, entries, trailer, readTo: reader.position, end: endOfRevision(reader) };
}

function endOfRevision(reader: PdfReader): number | undefined {
  const { bytes, position } = reader;
  const tail = bytes.toString("latin1", position, position + 64);
  const [whole] = /^[\r\n ]+startxref[\r\n ]+[0-9]+[\r\n ]+%%EOF(?:\r\n|\n|\r)?/.exec(tail) ?? [];
  return whole === undefined ? undefined : position + whole.length;
}

function add(entries: Entries, number: number, entry: CrossReferenceEntry, allowed: number): void {
  if (number > limits.number || entries.size >= allowed) throw new PkiError("TOO_COMPLEX", "PDF: too many objects");
  if (entries.has(number)) throw malformed("an object twice in one cross-reference");
  entries.set(number, entry);
}

/** ISO 32000-2 7.5.4. */
function readTable(reader: PdfReader, allowed: number): { entries: Entries; trailer: PdfDictionary } {
  const entries: Entries = new Map();
  while (!reader.takeKeyword("trailer")) {
    const first = reader.unsigned();
    const count = reader.unsigned();
    for (let index = 0; index < count; index++) {
      const offset = reader.unsigned();
      const generation = reader.unsigned();
      const inUse = reader.takeKeyword("n");
      if (!inUse) reader.keyword("f");
      add(entries, first + index, inUse ? { offset, generation } : "free", allowed);
    }
  }
  const trailer = reader.value();
  if (!isDictionary(trailer)) throw malformed("a trailer that is no dictionary");
  return { entries, trailer };
}

/** ISO 32000-2 7.5.8. */
function readStream(reader: PdfReader, allowed: number): { entries: Entries; trailer: PdfDictionary } {
  reader.unsigned();
  reader.unsigned();
  reader.keyword("obj");
  const stream = reader.objectContent(() => {
    throw malformed("a cross-reference stream whose length is elsewhere");
  });
  reader.keyword("endobj");
  if (!(stream instanceof PdfStream) || !isName(stream.dictionary.get("Type"), "XRef")) {
    throw malformed("no cross-references where startxref or Prev says");
  }
  const trailer = stream.dictionary;
  const widths = wholeNumbers(trailer.get("W"));
  if (widths.length !== 3 || widths.some((width) => width > 5)) throw malformed("widths of a cross-reference stream");
  const [typeWidth, secondWidth, thirdWidth] = widths as [number, number, number];
  const row = typeWidth + secondWidth + thirdWidth;
  const index = trailer.has("Index")
    ? wholeNumbers(trailer.get("Index"))
    : [0, ...wholeNumbers([trailer.get("Size") ?? 0])];
  const count = index.reduce((sum, number, at) => sum + (at % 2 === 0 ? 0 : number), 0);
  if (count > allowed) throw new PkiError("TOO_COMPLEX", "PDF: too many objects");
  // A predictor takes an octet more for each row; some writers leave a few rows over.
  const data = decodePdfStream(stream, (row + 1) * (count + 1024));
  const entries: Entries = new Map();
  let at = 0;
  for (let pair = 0; pair + 1 < index.length; pair += 2) {
    for (let offset = 0; offset < index[pair + 1]!; offset++) {
      if (row === 0 || at + row > data.length) throw malformed("a cross-reference stream that ends early");
      const type = typeWidth === 0 ? 1 : data.readUIntBE(at, typeWidth);
      const second = secondWidth === 0 ? 0 : data.readUIntBE(at + typeWidth, secondWidth);
      const third = thirdWidth === 0 ? 0 : data.readUIntBE(at + typeWidth + secondWidth, thirdWidth);
      at += row;
      const entry = entryOf(type, second, third);
      if (entry !== undefined) add(entries, index[pair]! + offset, entry, allowed);
    }
  }
  return { entries, trailer };
}

function entryOf(type: number, second: number, third: number): CrossReferenceEntry | undefined {
  if (type === 0) return "free";
  if (type === 1) return { offset: second, generation: third };
  if (type === 2) return { container: second, index: third };
  throw new PkiError("UNSUPPORTED", "PDF: an unknown kind of cross-reference");
}

function wholeNumbers(value: unknown): number[] {
  if (!isArray(value as never)) throw malformed("an array of numbers expected");
  return (value as readonly unknown[]).map((number) => {
    if (typeof number !== "number" || !Number.isInteger(number) || number < 0) throw malformed("a number expected");
    return number;
  });
}
