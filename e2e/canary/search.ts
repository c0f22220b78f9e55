import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { Writing } from "./writings.ts";

/** A place and the writing that was found there. */
export type Find = `${string}: ${string}`;

const chunkSize = 64 * 1024 * 1024;
/** No writing is longer. */
const overlap = 1024;
const pageSize = 4096;

/** Looks for all writings in one pass: by their first three bytes, and then whole. */
export class Search {
  readonly #candidates = new Map<number, Writing[]>();
  readonly #begins = new Uint8Array(1 << 24);

  constructor(writings: readonly Writing[]) {
    for (const writing of writings) {
      const [a = 0, b = 0, c = 0] = writing.bytes;
      const begin = (a << 16) | (b << 8) | c;
      this.#begins[begin] = 1;
      this.#candidates.set(begin, [...(this.#candidates.get(begin) ?? []), writing]);
    }
  }

  bytes(place: string, bytes: Uint8Array): Find[] {
    const finds = new Set<Find>();
    const begins = this.#begins;
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    let begin = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
    for (let at = 2; at < bytes.length; at++) {
      begin = ((begin << 8) | bytes[at]!) & 0xffffff;
      if (begins[begin] === 0) continue;
      for (const { what, bytes: wanted } of this.#candidates.get(begin)!) {
        if (view.subarray(at - 2, at - 2 + wanted.length).equals(wanted)) finds.add(`${place}: ${what}`);
      }
    }
    return [...finds];
  }

  /** Every file below a folder, whatever it is; sockets and the like are left out. */
  folder(folder: string): { files: string[]; finds: Find[] } {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
    return { files, finds: files.flatMap((file) => this.#file(join(folder, file), file)) };
  }

  #file(file: string, place: string): Find[] {
    let descriptor: number;
    try {
      descriptor = openSync(file, "r");
    } catch (error) {
      // PostgreSQL removes files while we look.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
    try {
      return this.#range(descriptor, place, { from: 0, to: statSync(file).size });
    } finally {
      closeSync(descriptor);
    }
  }

  /** All memory that a process really has: what a core dump of it would hold. Linux only. */
  memory(pid: number): { bytes: number; finds: Find[] } {
    const descriptor = openSync(`/proc/${pid}/mem`, "r");
    const finds = new Set<Find>();
    let bytes = 0;
    try {
      for (const range of presentMemory(pid)) {
        for (const find of this.#range(descriptor, "memory", range)) finds.add(find);
        bytes += range.to - range.from;
      }
    } finally {
      closeSync(descriptor);
    }
    return { bytes, finds: [...finds] };
  }

  #range(descriptor: number, place: string, { from, to }: Range): Find[] {
    const buffer = Buffer.alloc(Math.min(chunkSize, to - from));
    const finds = new Set<Find>();
    for (let position = from; position < to; ) {
      const length = readSync(descriptor, buffer, 0, Math.min(buffer.length, to - position), position);
      if (length === 0) break;
      for (const find of this.bytes(place, buffer.subarray(0, length))) finds.add(find);
      position += length;
      if (position < to && length > overlap) position -= overlap;
    }
    return [...finds];
  }
}

type Range = { from: number; to: number };

/** Most of what is mapped was never touched: /proc/PID/pagemap says which pages are there, in memory or swapped out. */
function presentMemory(pid: number): Range[] {
  const regions = readFileSync(`/proc/${pid}/maps`, "utf8")
    .split("\n")
    .flatMap((line): Range[] => {
      // Not what the kernel maps for itself.
      const match = /\[v(var|syscall)/.test(line) ? null : /^([0-9a-f]+)-([0-9a-f]+) r/.exec(line);
      return match ? [{ from: Number.parseInt(match[1]!, 16), to: Number.parseInt(match[2]!, 16) }] : [];
    });
  const descriptor = openSync(`/proc/${pid}/pagemap`, "r");
  try {
    return regions.flatMap((region) => presentPages(descriptor, region));
  } finally {
    closeSync(descriptor);
  }
}

function presentPages(pagemap: number, { from, to }: Range): Range[] {
  const entries = Buffer.alloc(((to - from) / pageSize) * 8);
  const length = readSync(pagemap, entries, 0, entries.length, (from / pageSize) * 8);
  const ranges: Range[] = [];
  for (let at = 0; at < length; at += 8) {
    // Bits 63 and 62 of the little-endian entry.
    if ((entries[at + 7]! & 0xc0) === 0) continue;
    const start = from + (at / 8) * pageSize;
    const last = ranges.at(-1);
    if (last?.to === start) last.to += pageSize;
    else ranges.push({ from: start, to: start + pageSize });
  }
  return ranges;
}
