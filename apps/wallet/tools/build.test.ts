import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashSources, replaceDirectory } from "./build.ts";

describe("the web build", () => {
  let folder: string;
  const write = (name: string, text: string) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "index.html"), text);
  };
  const replace = () => replaceDirectory(join(folder, "dist"), join(folder, "next"), join(folder, "aside"));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "xid-build-"));
    write("next", "next");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("takes the place of the one before, of which nothing is left", () => {
    write("dist", "before");
    writeFileSync(join(folder, "dist", "stale.js"), "");
    replace();
    expect(readdirSync(folder)).toEqual(["dist"]);
    expect(readdirSync(join(folder, "dist"))).toEqual(["index.html"]);
    expect(readFileSync(join(folder, "dist", "index.html"), "utf8")).toBe("next");
  });

  it("needs none before it", () => {
    replace();
    expect(readFileSync(join(folder, "dist", "index.html"), "utf8")).toBe("next");
  });

  it("is known by its sources: the same give the same", () => {
    expect(hashSources()).toMatch(/^[0-9a-f]{64}$/);
    expect(hashSources()).toBe(hashSources());
  });
});
