import { readFileSync } from "node:fs";
import { Session } from "node:inspector";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";

type FileCoverage = {
  path: string;
  /** By offset, whether it has been executed. */
  executed: Uint8Array;
  /** Functions and branches as V8 counts them, by their extent. */
  blocks: Map<string, boolean>;
};

type ScriptCoverage = {
  url: string;
  functions: { ranges: { startOffset: number; endOffset: number; count: number }[] }[];
};

export type CoverageSummary = { linesCovered: number; lines: number; blocksCovered: number; blocks: number };

/** What of some files is executed, counted by V8 in this thread from here on. */
export class Coverage {
  readonly #session = new Session();
  readonly #isTarget: (path: string) => boolean;
  readonly #files = new Map<string, FileCoverage>();

  constructor(isTarget: (path: string) => boolean) {
    this.#isTarget = isTarget;
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** Counts what was executed since the last time. Answers every block of it, and those that had never been. */
  take(): { touched: Set<string>; fresh: Set<string> } {
    const counted = { touched: new Set<string>(), fresh: new Set<string>() };
    this.#session.post("Profiler.takePreciseCoverage", (error, taken) => {
      if (error) throw error;
      for (const script of taken.result as ScriptCoverage[]) this.#add(script, counted);
    });
    return counted;
  }

  summary(): CoverageSummary {
    const sum = { linesCovered: 0, lines: 0, blocksCovered: 0, blocks: 0 };
    for (const { path, executed, blocks } of this.#files.values()) {
      for (const line of linesOf(path)) {
        sum.lines++;
        if (executed[line]) sum.linesCovered++;
      }
      sum.blocks += blocks.size;
      for (const isCovered of blocks.values()) if (isCovered) sum.blocksCovered++;
    }
    return sum;
  }

  stop(): void {
    this.#session.disconnect();
  }

  #add({ url, functions }: ScriptCoverage, counted: { touched: Set<string>; fresh: Set<string> }): void {
    if (!url.startsWith("file:")) return;
    const path = fileURLToPath(url);
    if (!this.#isTarget(path)) return;
    const known = this.#files.get(path);
    const file = known ?? { path, executed: new Uint8Array(readFileSync(path, "utf8").length), blocks: new Map() };
    this.#files.set(path, file);
    const now = new Uint8Array(file.executed.length);
    for (const { ranges } of functions) {
      // An outer range comes before those in it.
      for (const { startOffset, endOffset, count } of ranges) {
        now.fill(count > 0 ? 1 : 0, startOffset, endOffset);
        const extent = `${startOffset}-${endOffset}`;
        if (count > 0) {
          const block = `${path} ${extent}`;
          counted.touched.add(block);
          if (file.blocks.get(extent) !== true) counted.fresh.add(block);
          file.blocks.set(extent, true);
        } else if (!file.blocks.has(extent)) file.blocks.set(extent, false);
      }
    }
    for (let at = 0; at < now.length; at++) if (now[at] === 1) file.executed[at] = 1;
  }
}

/** Offset of the first character of each line that holds code which is more than types, comments and brackets. */
function linesOf(path: string): number[] {
  const code = stripTypeScriptTypes(readFileSync(path, "utf8"));
  const offsets: number[] = [];
  let start = 0;
  for (const line of code.split("\n")) {
    if (/[A-Za-z0-9]/.test(line) && !/^\s*(\/\/|\/\*|\*|import\b|export (type|\*|\{))/.test(line)) {
      offsets.push(start + line.search(/\S/));
    }
    start += line.length + 1;
  }
  return offsets;
}
