import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(new URL("..", import.meta.url).pathname, "test-output");
const file = join(folder, "measures.json");

/** Keeps how long something took on this machine, beside the pictures. Nothing is asserted of it. */
export function keepMeasure(name: string, milliseconds: number): void {
  mkdirSync(folder, { recursive: true });
  let measures: Record<string, number> = {};
  try {
    measures = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // The first one.
  }
  writeFileSync(file, `${JSON.stringify({ ...measures, [name]: Math.round(milliseconds) }, null, 2)}\n`);
}
