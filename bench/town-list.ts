import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Benchmark, Measurement } from "./benchmark.ts";
import { Installation, withDataDirectory } from "./installation.ts";
import { median } from "./median.ts";
import { cpuTime, listProcesses, peakMemory, withDescendants } from "./processes.ts";

const run = promisify(execFile);
/** With this many, the present signature CA's list has five million entries. */
const residents = 5_600_000;

type Cost = { seconds: number; cpuSeconds: number; megabytes: number };

/**
 * A town whose revocation list has five million entries: how long it takes to found it, and to make, sign and serve the
 * list, against `openssl crl` reading and verifying the same one.
 */
export const townList: Benchmark = async ({ runs, say }) => {
  const made: Cost[] = [];
  const read: Cost[] = [];
  const founded: number[] = [];
  let entries = 0;
  for (let number = 0; number < runs; number++) {
    await withDataDirectory(async (directory) => {
      const installation = await Installation.start("sandbox", join(directory, "xid"));
      try {
        const began = performance.now();
        const { revoked } = await installation.xid<{ revoked: { signature: { revoked: number }[] } }>(
          ...["town", "create", "--residents", String(residents), "--seed", "7"],
        );
        founded.push((performance.now() - began) / 1000);
        entries = revoked.signature.at(-1)!.revoked;
        const list = join(directory, "list.crl");
        const issuer = join(directory, "issuer.pem");
        made.push(await fetchList(installation, list));
        const pem = await (await fetch(`${installation.sandbox}/jpki/ca/signature.pem`)).text();
        await writeFile(issuer, pem);
        read.push(await readWithOpenssl(list, issuer));
      } finally {
        await installation.stop();
      }
    });
    say(
      `run ${number + 1}: founded in ${founded.at(-1)!.toFixed(1)} s, list ${show(made.at(-1)!)}, openssl crl ${show(read.at(-1)!)}`,
    );
  }
  const compare = (what: string, unit: string, field: keyof Cost): Measurement => ({
    what: `list of ${entries} entries, made, signed and served: ${what}`,
    unit,
    value: median(made.map((cost) => cost[field])),
    runs: made.map((cost) => cost[field]),
    reference: { what: "openssl crl, reading and verifying it", value: median(read.map((cost) => cost[field])) },
  });
  return [
    { what: `town of ${residents} founded and its revoked counted`, unit: "s", value: median(founded), runs: founded },
    compare("CPU", "CPU-s", "cpuSeconds"),
    compare("time", "s", "seconds"),
    compare("peak memory", "MB", "megabytes"),
  ];
};

async function fetchList(installation: Installation, file: string): Promise<Cost> {
  const own = withDescendants(installation.process.pid!).find(({ command }) => command.includes("sandbox/src/main"));
  if (!own) throw new Error("the sandbox has no process of its own");
  const [began, cpu] = [performance.now(), cpuTime(own.pid)];
  await run("curl", ["-sf", "-o", file, `${installation.sandbox}/jpki/crl/signature.crl`]);
  const seconds = (performance.now() - began) / 1000;
  return { seconds, cpuSeconds: (cpuTime(own.pid) - cpu) / 1000, megabytes: peakMemory(own.pid) };
}

async function readWithOpenssl(list: string, issuer: string): Promise<Cost> {
  const began = performance.now();
  const child = spawn("openssl", ["crl", "-inform", "der", "-in", list, "-CAfile", issuer, "-noout"]);
  const cost: Cost = { seconds: 0, cpuSeconds: 0, megabytes: 0 };
  const look = setInterval(() => {
    if (!listProcesses().some(({ pid }) => pid === child.pid)) return;
    cost.cpuSeconds = Math.max(cost.cpuSeconds, cpuTime(child.pid!) / 1000);
    cost.megabytes = Math.max(cost.megabytes, peakMemory(child.pid!));
  }, 25);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await once(child, "close");
  clearInterval(look);
  if (!said.includes("verify OK")) throw new Error(`openssl crl: ${said}`);
  return { ...cost, seconds: (performance.now() - began) / 1000 };
}

function show({ seconds, cpuSeconds, megabytes }: Cost): string {
  return `${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} CPU-s, ${megabytes.toFixed(0)} MB`;
}
