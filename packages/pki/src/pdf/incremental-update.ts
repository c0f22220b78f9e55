import { PkiError } from "../pki-error.ts";
import type { PdfRevision } from "./pdf-file.ts";
import { PdfName, PdfReference, PdfStream, type PdfValue, writePdfValue } from "./pdf-value.ts";

/** What carries over from one trailer to the next (ISO 32000-2 7.5.5). */
const trailerKeys = ["Root", "Info", "ID"] as const;

/** Objects to append to a file in one more revision (ISO 32000-2 7.5.6): what is there already stays byte for byte. */
export class IncrementalUpdate {
  readonly revision: PdfRevision;
  readonly #objects = new Map<number, { generation: number; value: PdfValue }>();
  #size: number;

  constructor(revision: PdfRevision) {
    this.revision = revision;
    const sizes = revision.file.sections.map(({ trailer }) => trailer.get("Size"));
    const highest = revision.file.sections.flatMap(({ entries }) => [...entries.keys()]);
    this.#size = 0;
    for (const size of sizes) if (typeof size === "number" && size > this.#size) this.#size = size;
    for (const number of highest) if (number >= this.#size) this.#size = number + 1;
  }

  add(value: PdfValue): PdfReference {
    const reference = new PdfReference(this.#size++);
    this.#objects.set(reference.number, { generation: 0, value });
    return reference;
  }

  replace({ number, generation }: PdfReference, value: PdfValue): void {
    this.#objects.set(number, { generation, value });
  }

  /** The value as it will be. */
  resolve(value: PdfValue | undefined): PdfValue {
    const own = value instanceof PdfReference ? this.#objects.get(value.number) : undefined;
    return own === undefined ? this.revision.resolve(value) : own.value;
  }

  /** The whole file with the revision, and where each new object begins. */
  write(): { bytes: Buffer; offsets: ReadonlyMap<number, number> } {
    const { bytes: before, sections } = this.revision.file;
    const last = before[before.length - 1];
    const parts: Buffer[] = [before];
    let length = before.length;
    const append = (part: Buffer): void => {
      parts.push(part);
      length += part.length;
    };
    if (last !== 10 && last !== 13) append(Buffer.from("\n"));
    const offsets = new Map<number, number>();
    for (const [number, { generation, value }] of this.#objects) {
      offsets.set(number, length);
      append(
        Buffer.concat([Buffer.from(`${number} ${generation} obj\n`), writePdfValue(value), Buffer.from("\nendobj\n")]),
      );
    }
    const start = length;
    if (sections[0]!.isStream) append(this.#crossReferenceStream(offsets, start));
    else append(this.#crossReferenceTable(offsets));
    append(Buffer.from(`startxref\n${start}\n%%EOF\n`));
    if (length > 0xffff_ffff) throw new PkiError("TOO_COMPLEX", "PDF: too long");
    return { bytes: Buffer.concat(parts), offsets };
  }

  #trailer(size: number): Map<string, PdfValue> {
    const { trailer, file } = this.revision;
    const kept = trailerKeys.flatMap((key): [string, PdfValue][] => {
      const value = trailer.get(key);
      return value === undefined ? [] : [[key, value]];
    });
    return new Map<string, PdfValue>([["Size", size], ...kept, ["Prev", file.sections[0]!.offset]]);
  }

  #crossReferenceTable(offsets: ReadonlyMap<number, number>): Buffer {
    const lines = ["xref\n"];
    for (const run of runsOf([...offsets.keys()])) {
      lines.push(`${run[0]} ${run.length}\n`);
      for (const number of run) {
        const offset = String(offsets.get(number)).padStart(10, "0");
        const generation = String(this.#objects.get(number)!.generation).padStart(5, "0");
        lines.push(`${offset} ${generation} n\r\n`);
      }
    }
    return Buffer.concat([
      Buffer.from(`${lines.join("")}trailer\n`, "latin1"),
      writePdfValue(this.#trailer(this.#size)),
      Buffer.from("\n"),
    ]);
  }

  #crossReferenceStream(offsets: ReadonlyMap<number, number>, start: number): Buffer {
    const own = this.#size;
    const all = new Map([...offsets, [own, start]]);
    const runs = runsOf([...all.keys()]);
    const rows = runs.flat().map((number) => {
      const row = Buffer.alloc(7);
      row[0] = 1;
      row.writeUInt32BE(all.get(number)!, 1);
      row.writeUInt16BE(this.#objects.get(number)?.generation ?? 0, 5);
      return row;
    });
    const dictionary = new Map<string, PdfValue>([
      ["Type", new PdfName("XRef")],
      ["W", [1, 4, 2]],
      ["Index", runs.flatMap((run) => [run[0]!, run.length])],
      ...this.#trailer(own + 1),
    ]);
    return Buffer.concat([
      Buffer.from(`${own} 0 obj\n`),
      writePdfValue(new PdfStream(dictionary, Buffer.concat(rows))),
      Buffer.from("\nendobj\n"),
    ]);
  }
}

/** Numbers in order, cut where one is left out. */
function runsOf(numbers: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run?.at(-1) === number - 1) run.push(number);
    else runs.push([number]);
  }
  return runs;
}
