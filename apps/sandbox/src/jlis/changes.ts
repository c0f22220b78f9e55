import { serialHex } from "../ca/certificate.ts";
import type { Kind } from "../ca/kind.ts";
import { SandboxError } from "../error.ts";
import { changedSerials, latestChange } from "../store/certificate-changes.ts";
import type { Database } from "../store/database.ts";

/** How many serial numbers one sweep may ask about. */
const maximumSerials = 2_000_000;
const longestLine = 40;

export type Changes = {
  /** Where the next sweep goes on: its `after`. */
  mark: number;
  asked: number;
  /** In the order in which they were asked. */
  changed: string[];
};

/**
 * Which of these certificates may have changed after a mark: revoked, or their holder was given another one. One that is not
 * named has not; without a mark, each of them may. Reads one hexadecimal serial number per line, as they come; keeps only those that changed. Throws MALFORMED
 * and TOO_LARGE.
 */
export async function findChanges(
  database: Database,
  { kind, after }: { kind: Kind; after?: number | undefined },
  lines: AsyncIterable<Uint8Array>,
): Promise<Changes> {
  const mark = latestChange(database);
  const serials = after === undefined ? undefined : changedSerials(database, kind, after, mark);
  const changed: string[] = [];
  let asked = 0;
  for await (const line of readLines(lines)) {
    if (!/^[0-9a-fA-F]{1,40}$/.test(line)) {
      throw new SandboxError("MALFORMED", `line ${asked + 1} is no hexadecimal serial number`);
    }
    asked++;
    if (asked > maximumSerials) throw new SandboxError("TOO_LARGE", `at most ${maximumSerials} serial numbers`);
    const serial = Number.parseInt(line, 16);
    if (!serials || serials.has(serial)) changed.push(serialHex(serial));
  }
  return { mark, asked, changed };
}

/** Lines without their ends; empty ones are left out. */
async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("latin1");
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk)).split(/\r?\n/);
    rest = lines.pop() ?? "";
    if (rest.length > longestLine + 1) throw new SandboxError("MALFORMED", "a line is too long for a serial number");
    for (const line of lines) if (line !== "") yield line;
  }
  if (rest !== "") yield rest;
}

/** One JSON value per line: every serial that may have changed, and at the end what shows that nothing is missing. */
export function* presentChanges({ mark, asked, changed }: Changes): Generator<string> {
  const batch = 1000;
  for (let at = 0; at < changed.length; at += batch) {
    const lines = changed.slice(at, at + batch).map((serial) => JSON.stringify({ serial }));
    yield `${lines.join("\n")}\n`;
  }
  yield `${JSON.stringify({ mark, asked, changed: changed.length })}\n`;
}
