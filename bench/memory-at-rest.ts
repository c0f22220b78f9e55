import { setTimeout as delay } from "node:timers/promises";
import type { Benchmark } from "./benchmark.ts";
import { Installation, withDataDirectory } from "./installation.ts";
import { listProcesses, memory, type Process, postgresOf, withDescendants } from "./processes.ts";

const restSeconds = 10;

/** What each process of a fresh installation holds (PSS) after ten idle seconds; PostgreSQL's are added up. */
export const memoryAtRest: Benchmark = async ({ say }) =>
  withDataDirectory(async (dataDirectory) => {
    const installation = await Installation.start(undefined, dataDirectory);
    try {
      say(`resting for ${restSeconds} s`);
      await delay(restSeconds * 1000);
      const sums = new Map<string, number>();
      for (const process of installationProcesses(installation)) {
        const name = nameOf(process);
        sums.set(name, (sums.get(name) ?? 0) + memory(process.pid));
      }
      const total = [...sums.values()].reduce((sum, value) => sum + value, 0);
      return [...sums, ["all of it", total] as const].map(([name, value]) => ({
        what: `memory at rest: ${name}`,
        value,
        unit: "MB",
      }));
    } finally {
      await installation.stop();
    }
  });

function installationProcesses({ process, dataDirectory }: Installation): Process[] {
  const processes = listProcesses();
  const all = [...withDescendants(process.pid!, processes), ...postgresOf(dataDirectory, processes)];
  return [...new Map(all.map((found) => [found.pid, found])).values()];
}

function nameOf({ command }: Process): string {
  if (command.includes("/sandbox/src/main.ts")) return "sandbox";
  if (command.includes("/server/src/main.ts")) return "server";
  if (command.includes("/bank/src/main.ts")) return "demo bank";
  if (command.includes("xid.js")) return "start page and app (xid up)";
  return /(^|\/)postgres\b/.test(command) ? "PostgreSQL" : "other";
}
