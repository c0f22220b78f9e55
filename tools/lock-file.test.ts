import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Entry = { version?: string; resolved?: string; link?: boolean; optionalDependencies?: Record<string, string> };
const root = new URL("..", import.meta.url).pathname;
const { packages } = JSON.parse(readFileSync(`${root}/package-lock.json`, "utf8")) as {
  packages: Record<string, Entry>;
};

describe("the lock file", () => {
  it("holds no download addresses", () => {
    const addresses = Object.values(packages).filter(({ resolved }) => resolved?.includes("://"));
    expect(addresses).toEqual([]);
  });

  it("holds every package for other platforms, without which npm ci refuses to begin", () => {
    const names = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, "")));
    const wanted = Object.values(packages).flatMap(({ optionalDependencies }) =>
      Object.keys(optionalDependencies ?? {}),
    );
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  });

  it("pins every package to one version", () => {
    const unpinned = Object.entries(packages).filter(([path, { version, link }]) => path && !link && !version);
    expect(unpinned).toEqual([]);
  });
});
