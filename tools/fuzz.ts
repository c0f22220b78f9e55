/**
 * `npm run fuzz -- [--seconds N] [--seed N] [--json] [target…]`: bytes without end for everything that reads bytes from
 * outside. Each must give a value or an error of ours, soon, and must not leave memory behind. Guided by coverage: an input
 * that reaches something new is changed further. Findings go to test-output/fuzz/ and make it end with 1.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { FuzzReport } from "./fuzz/fuzz.ts";
import { targets } from "./fuzz/targets.ts";
import type { FuzzJob, FuzzResult } from "./fuzz/worker.ts";

/** An input that is read for so many milliseconds hangs. */
const hangsAfter = 30_000;
const maxInput = 128 * 1024;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean" },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(targets);
const unknown = names.find((name) => !Object.hasOwn(targets, name));
const seconds = Number(values.seconds) / names.length;
if (values.help || unknown !== undefined || !(seconds > 0)) {
  console.error(
    `usage: npm run fuzz -- [--seconds N] [--seed N] [--json] [target…]\ntargets: ${Object.keys(targets).join(", ")}`,
  );
  process.exit(values.help ? 0 : 2);
}

const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const results: FuzzResult[] = [];
for (const target of names) {
  console.error(`${target}: ${seconds.toFixed(0)} s, seed ${seed}`);
  const result = await run({ target, seconds, seed, watched: new SharedArrayBuffer(8 + maxInput) });
  results.push(result);
  keepFindings(result);
}
console.log(values.json ? JSON.stringify({ seed, results }, null, 2) : table(results));
process.exitCode = results.some(({ findings }) => findings.length > 0) ? 1 : 0;

/** In a thread of its own, so that an endless loop can be ended and its input told. */
function run(job: FuzzJob): Promise<FuzzResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./fuzz/worker.ts", import.meta.url), { workerData: job });
    const counter = new Int32Array(job.watched, 0, 2);
    let last = { count: -1, since: Date.now() };
    const watching = setInterval(() => {
      const count = Atomics.load(counter, 0);
      if (count !== last.count) last = { count, since: Date.now() };
      else if (Date.now() - last.since > hangsAfter) void worker.terminate().then(() => resolve(hung(job)));
    }, 1000);
    const finish = () => clearInterval(watching);
    worker.once("message", (result: FuzzResult) => {
      finish();
      resolve(result);
    });
    worker.once("error", (error) => {
      finish();
      reject(error);
    });
    worker.once("exit", finish);
  });
}

function hung({ target, watched, seconds }: FuzzJob): FuzzResult {
  const [count, length] = new Int32Array(watched, 0, 2) as unknown as [number, number];
  const input = Buffer.from(watched, 8, length).toString("base64");
  return {
    target,
    seeds: 0,
    executions: count,
    seconds,
    memoryGrowth: 0,
    findings: [{ target, input, error: "does not end" }],
  };
}

function keepFindings({ target, findings }: FuzzReport): void {
  if (findings.length === 0) return;
  const folder = join(import.meta.dirname, "..", "test-output", "fuzz");
  mkdirSync(folder, { recursive: true });
  for (const [index, { input, error }] of findings.entries()) {
    const file = join(folder, `${target}-${seed}-${index}`);
    writeFileSync(file, Buffer.from(input, "base64"));
    console.error(`${file}: ${error}`);
  }
}

function table(rows: FuzzResult[]): string {
  const of = (covered?: number, all?: number) =>
    all ? `${covered}/${all} ${((100 * covered!) / all).toFixed(0)} %` : "";
  const lines = rows.map(({ target, executions, seconds, discovered, coverage, memoryGrowth, findings }) => [
    target,
    String(executions),
    (executions / seconds).toFixed(0),
    String(discovered ?? ""),
    of(coverage?.linesCovered, coverage?.lines),
    of(coverage?.blocksCovered, coverage?.blocks),
    memoryGrowth.toFixed(1),
    String(findings.length),
  ]);
  const all = [
    ["target", "executions", "per second", "discovered", "lines", "branches", "MB grown", "findings"],
    ...lines,
  ];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
