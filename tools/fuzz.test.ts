import { expect, test } from "vitest";
import { fuzz } from "./fuzz/fuzz.ts";
import { targets } from "./fuzz/targets.ts";

/** The same inputs each time. Longer, with others and guided by coverage: `npm run fuzz`. */
const budget = { executions: 1200 };

test.each(Object.entries(targets))("%s: a value or an error of ours for any bytes", async (name, target) => {
  const { findings, executions } = await fuzz(name, target, { seed: 20_261_124, budget, guided: false });
  expect(findings).toEqual([]);
  expect(executions).toBeGreaterThanOrEqual(budget.executions);
});
