import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LogFile } from "./log-file.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "xid-log-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe("the log file of a part", () => {
  it("never grows without bound, and is readable by its owner only", async () => {
    const log = new LogFile(join(directory, "part.log"));
    for (let chunk = 0; chunk < 25; chunk++) log.write(Buffer.alloc(1_000_000, "x"));
    log.close();
    const names = await readdir(directory);
    expect(names.sort()).toEqual(["part.log", "part.log.1"]);
    for (const name of names) {
      const { size, mode } = await stat(join(directory, name));
      expect(size).toBeLessThanOrEqual(10_000_000);
      expect(mode & 0o777).toBe(0o600);
    }
  });

  it.each([
    ["", ""],
    ["one\ntwo\n\n", "two"],
    ['{"level":50,"msg":"no database"}\n', "no database"],
    ["file:1\nTypeError: wrong\n    at main (file:1)\n\nNode.js v24.21.0\n", "TypeError: wrong"],
    ["not finished", "not finished"],
  ])("has the last word of %j", (text, word) => {
    const log = new LogFile(join(directory, "words.log"));
    log.write(Buffer.from(text));
    expect(log.lastWord()).toBe(word);
    log.close();
  });
});
