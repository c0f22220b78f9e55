import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Benchmark } from "./benchmark.ts";
import { freePortBase, withDataDirectory } from "./installation.ts";
import { median } from "./median.ts";

const program = fileURLToPath(import.meta.resolve("@xid/sandbox/main"));
const plannedEvents = 100;

type Sandbox = { url: string; child: ChildProcess; seconds: number };

/**
 * The sandbox's start with a resident of every persona, against Node's own start; and how long a move of the clock takes on
 * whose way a hundred events happen, each with two new keys.
 */
export const simulatedWorld: Benchmark = async ({ runs, say }) =>
  withDataDirectory(async (directory) => {
    const first = await start(directory);
    const personas = (await (await fetch(`${first.url}/api/personas`)).json()) as { id: string }[];
    for (const { id } of personas) await send(`${first.url}/api/people`, { persona: id });
    await stop(first);

    const starts: number[] = [];
    const node: number[] = [];
    for (let run = 0; run < runs; run++) {
      node.push(await nodeStart());
      const again = await start(directory);
      starts.push(again.seconds);
      await stop(again);
      say(
        `run ${run + 1}: ${starts.at(-1)!.toFixed(2)} s with ${personas.length} personas, node alone ${node.at(-1)!.toFixed(2)} s`,
      );
    }

    const world = await start(directory);
    const moves: number[] = [];
    for (let run = 0; run < runs; run++) {
      const { now } = (await (await fetch(`${world.url}/api/clock`)).json()) as { now: string };
      for (let number = 1; number <= plannedEvents; number++) {
        const at = new Date(Date.parse(now) + number * 3_600_000).toISOString();
        await send(`${world.url}/api/people/hanako/events`, { type: "reissue-certificates", at });
      }
      const began = performance.now();
      await send(`${world.url}/api/clock`, { by: `PT${plannedEvents + 1}H` });
      moves.push((performance.now() - began) / 1000);
      say(`run ${run + 1}: ${plannedEvents} events in ${moves.at(-1)!.toFixed(1)} s`);
    }
    await stop(world);
    return [
      {
        what: "sandbox: start with every persona",
        unit: "s",
        value: median(starts),
        runs: starts,
        reference: { what: "node alone", value: median(node) },
      },
      { what: `sandbox: clock moved past ${plannedEvents} reissues`, unit: "s", value: median(moves), runs: moves },
    ];
  });

async function start(dataDirectory: string): Promise<Sandbox> {
  const port = (await freePortBase()) + 6;
  const url = `http://localhost:${port}`;
  const began = performance.now();
  const child = spawn(process.execPath, [program], {
    // As `xid up` starts it.
    env: {
      ...process.env,
      XID_PORT: String(port),
      XID_SANDBOX_URL: url,
      XID_DATA_DIR: dataDirectory,
      NODE_COMPILE_CACHE: join(dataDirectory, "compile-cache"),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  while (!(await fetch(`${url}/healthz`).catch(() => undefined))?.ok);
  const seconds = (performance.now() - began) / 1000;
  child.stdout.resume();
  return { url, child, seconds };
}

async function stop({ child }: Sandbox): Promise<void> {
  child.kill("SIGTERM");
  await once(child, "exit");
}

async function nodeStart(): Promise<number> {
  const began = performance.now();
  await once(spawn(process.execPath, ["--eval", ""]), "exit");
  return (performance.now() - began) / 1000;
}

async function send(url: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
}
