import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { type FuzzReport, fuzz } from "./fuzz.ts";
import { targets } from "./targets.ts";

/** `watched`: how many inputs have begun, the length of the last, and the input. */
export type FuzzJob = { target: string; seconds: number; seed: number; watched: SharedArrayBuffer };

export type FuzzResult = FuzzReport & {
  /** MB in use at the end above what was in use after a tenth of the time. */
  memoryGrowth: number;
};

/** More is a finding: the inputs that are kept take a few. */
const maxGrowth = 64;

const { target, seconds, seed, watched } = workerData as FuzzJob;
const counter = new Int32Array(watched, 0, 2);
const copy = new Uint8Array(watched, 8);

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const began = performance.now();
let settled: number | undefined;
const report = await fuzz(target, targets[target]!, {
  seed,
  budget: { seconds },
  guided: true,
  before(input) {
    copy.set(input.subarray(0, copy.length));
    counter[1] = Math.min(input.length, copy.length);
    Atomics.add(counter, 0, 1);
    if (settled === undefined && performance.now() - began > seconds * 100) settled = inUse();
  },
});
const memoryGrowth = inUse() - (settled ?? inUse());
if (memoryGrowth > maxGrowth) {
  report.findings.push({ target, input: "", error: `memory grew by ${memoryGrowth.toFixed(0)} MB` });
}
parentPort?.postMessage({ ...report, memoryGrowth } satisfies FuzzResult);

function inUse(): number {
  // What the first round lets go of, the second frees.
  for (let round = 0; round < 3; round++) collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}
