import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

test.each([
  "make-attribute-vectors",
  "make-card-vectors",
  "make-jpki-vectors",
  "make-record-vectors",
  "make-signature-vectors",
  "make-my-number-vectors",
])("vectors are what %s writes", (script) => {
  const { status, stderr } = spawnSync(process.execPath, [`tools/${script}.ts`, "--check"], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});
