import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

const sizeLimit = 10_000_000;
const keptLines = 30;
const lineLimit = 500;

/** What a part prints: in a file that never holds more than 10 MB (and one older of that size), and the last lines at hand. */
export class LogFile {
  readonly path: string;
  #descriptor: number;
  #size: number;
  #lines: string[] = [];
  #rest = "";

  constructor(path: string) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
    this.#descriptor = openSync(path, "a", 0o600);
    this.#size = fstatSync(this.#descriptor).size;
  }

  write(chunk: Buffer): void {
    if (this.#size + chunk.length > sizeLimit) this.#turn();
    writeSync(this.#descriptor, chunk);
    this.#size += chunk.length;
    const lines = (this.#rest + chunk.toString("utf8")).split("\n");
    this.#rest = (lines.pop() ?? "").slice(-lineLimit);
    this.#lines = [...this.#lines, ...lines.map((line) => line.slice(0, lineLimit))].slice(-keptLines);
  }

  /** The last line that says something; of a JSON line its `msg` or `message`. Empty if there is none. */
  lastWord(): string {
    const lines = [...this.#lines, this.#rest].filter(
      (line) => line.trim() !== "" && !/^\s+at |^Node\.js v/.test(line),
    );
    const sentence = lines.findLast((line) => /^[A-Za-z]*Error\b|^[A-Z_]{4,}:/.test(line)) ?? lines.at(-1) ?? "";
    try {
      const { msg, message } = JSON.parse(sentence) as { msg?: unknown; message?: unknown };
      return String(msg ?? message ?? sentence);
    } catch {
      return sentence.trim();
    }
  }

  /** Forgets the last lines: what follows is another life of the part. */
  begin(): void {
    this.#lines = [];
    this.#rest = "";
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #turn(): void {
    closeSync(this.#descriptor);
    renameSync(this.path, `${this.path}.1`);
    this.#descriptor = openSync(this.path, "a", 0o600);
    this.#size = 0;
  }
}
