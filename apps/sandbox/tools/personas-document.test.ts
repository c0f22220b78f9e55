import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { personasDocument } from "./personas-document.ts";

test("docs/personas.md is what apps/sandbox/tools/make-personas-document.ts makes of the sandbox's tables", () => {
  const document = readFileSync(new URL("../../../docs/personas.md", import.meta.url), "utf8");
  expect(document).toBe(personasDocument());
});
