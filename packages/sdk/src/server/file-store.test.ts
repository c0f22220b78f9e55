import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fileStore } from "./file-store.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "store-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

it("gives undefined before anything was written", async () => {
  expect(await fileStore(join(directory, "none", "client.json")).read()).toBeUndefined();
});

it("gives back the last text, in a file and a folder that only the owner can open", async () => {
  const path = join(directory, "new", "client.json");
  const store = fileStore(path);
  await store.write("one");
  await store.write("two");
  expect(await store.read()).toBe("two");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, "new")).mode & 0o777).toBe(0o700);
});

it("leaves whole texts and no rubbish when many write at once", async () => {
  const store = fileStore(join(directory, "client.json"));
  const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(1000));
  await Promise.all(texts.map((text) => store.write(text)));
  expect(texts).toContain(await store.read());
  expect(readdirSync(directory)).toEqual(["client.json"]);
});

it("fails rather than pretending when the place cannot be written", async () => {
  await expect(fileStore("/dev/null/client.json").write("text")).rejects.toThrow();
});
