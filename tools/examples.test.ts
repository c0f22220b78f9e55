import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const folder = new URL("../docs/examples/", import.meta.url);

test.each(readdirSync(folder).filter((name) => name.endsWith(".ts")))("the example %s is under forty lines", (name) => {
  expect(readFileSync(new URL(name, folder), "utf8").split("\n").length - 1).toBeLessThan(40);
});
