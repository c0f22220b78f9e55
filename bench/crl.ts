import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Benchmark, Measurement } from "./benchmark.ts";
import { type CrlFile, makeCrl, type SerialKind } from "./crl-file.ts";
import type { CrlCost } from "./crl-worker.ts";
import { withDataDirectory } from "./installation.ts";
import { median } from "./median.ts";
import { endedChildrenCpuTime, peakMemory } from "./processes.ts";

type OpensslCost = Pick<CrlCost, "cpuSeconds" | "memory">;

const run = promisify(execFile);
const kinds: Record<SerialKind, string> = { counter: "serials of one counter", random: "serials of 16 random octets" };

/** Revocation lists of one and five million entries: verified, made searchable and looked up, against `openssl crl -CAfile`. */
export const crl: Benchmark = async ({ runs, say }) => {
  const results: Measurement[] = [];
  for (const serials of ["counter", "random"] as const) {
    for (const millions of [1, 5]) {
      results.push(...(await withDataDirectory((directory) => compare(directory, serials, millions, runs, say))));
    }
  }
  return results;
};

async function compare(
  directory: string,
  serials: SerialKind,
  millions: number,
  runs: number,
  say: (line: string) => void,
): Promise<Measurement[]> {
  const file = await makeCrl(directory, serials, millions * 1e6);
  const ours: CrlCost[] = [];
  const theirs: OpensslCost[] = [];
  for (let number = 0; number < runs; number++) {
    ours.push(await readWithPki(file));
    theirs.push(await readWithOpenssl(file));
    say(
      `${millions} M, ${serials}, run ${number + 1}: ${JSON.stringify(ours.at(-1))}, openssl ${JSON.stringify(theirs.at(-1))}`,
    );
  }
  await rm(file.crl);
  const what = `CRL of ${millions} M entries, ${kinds[serials]}`;
  const measurement = (about: string, unit: string, values: number[], reference?: number[]): Measurement => ({
    what: `${what}: ${about}`,
    value: median(values),
    unit,
    runs: values,
    ...(reference && { reference: { what: "openssl crl -CAfile", value: median(reference) } }),
  });
  return [
    measurement(
      "CPU",
      "s",
      ours.map(({ cpuSeconds }) => cpuSeconds),
      theirs.map(({ cpuSeconds }) => cpuSeconds),
    ),
    measurement(
      "peak of the whole process",
      "MB",
      ours.map(({ memory }) => memory),
      theirs.map(({ memory }) => memory),
    ),
    measurement(
      "peak above the process before it read",
      "MB",
      ours.map(({ memory, memoryBefore }) => memory - memoryBefore),
      theirs.map(({ memory }) => memory),
    ),
    measurement(
      "kept",
      "MB",
      ours.map(({ kept }) => kept),
    ),
    measurement(
      "look-ups of what is not on it",
      "M/CPU-s",
      ours.map(({ misses }) => misses / 1e6),
    ),
    measurement(
      "look-ups of what is on it",
      "M/CPU-s",
      ours.map(({ hits }) => hits / 1e6),
    ),
  ];
}

async function readWithPki(file: CrlFile): Promise<CrlCost> {
  const program = fileURLToPath(import.meta.resolve("./crl-worker.ts"));
  const { stdout } = await run(process.execPath, [program, JSON.stringify(file)]);
  return JSON.parse(stdout) as CrlCost;
}

async function readWithOpenssl({ crl, authority }: CrlFile): Promise<OpensslCost> {
  const before = endedChildrenCpuTime();
  const args = ["crl", "-inform", "DER", "-in", crl, "-CAfile", authority, "-noout"];
  const process = spawn("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  process.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  let memory = 0;
  const watching = setInterval(() => {
    memory = Math.max(memory, peakMemory(process.pid!));
  }, 5);
  const [status] = await once(process, "close");
  clearInterval(watching);
  if (status !== 0 || !said.includes("verify OK")) throw new Error(`openssl crl: ${said}`);
  return { cpuSeconds: (endedChildrenCpuTime() - before) / 1000, memory };
}
