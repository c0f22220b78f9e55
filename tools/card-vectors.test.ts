import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

test("the card's vectors are what their script writes", () => {
  const { status, stderr } = spawnSync(process.execPath, ["tools/make-card-vectors.ts", "--check"], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});
