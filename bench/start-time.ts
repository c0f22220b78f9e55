import { setTimeout as delay } from "node:timers/promises";
import type { Benchmark, Measurement } from "./benchmark.ts";
import { freePortBase, Installation, withDataDirectory } from "./installation.ts";
import { median } from "./median.ts";

/** Seconds after `xid up`. */
type Start = { startPage: number; platform: number; everything: number };

const moments: Record<keyof Start, string> = {
  startPage: "first answer of the start page",
  platform: "first answer of the platform",
  everything: "everything serves",
};

/** From `xid up` to the first answers, with an empty data directory and then with the same one again. The app is bundled. */
export const startTime: Benchmark = async ({ runs, say }) => {
  const cold: Start[] = [];
  const warm: Start[] = [];
  for (let run = 0; run < runs; run++) {
    await withDataDirectory(async (directory) => {
      if (run === 0) await (await Installation.start("wallet", directory)).stop();
      cold.push(await timeStart(directory));
      warm.push(await timeStart(directory));
    });
    say(`run ${run + 1}: cold ${show(cold.at(-1)!)}, warm ${show(warm.at(-1)!)}`);
  }
  return [...present("cold", cold), ...present("warm", warm)];
};

function present(temperature: string, starts: Start[]): Measurement[] {
  return Object.entries(moments).map(([moment, what]) => {
    const runs = starts.map((start) => start[moment as keyof Start]);
    return { what: `start, ${temperature}: ${what}`, value: median(runs), unit: "s", runs };
  });
}

async function timeStart(dataDirectory: string): Promise<Start> {
  const ports = await freePortBase();
  const began = performance.now();
  const since = () => (performance.now() - began) / 1000;
  const firstAnswer = async (url: string) => {
    while (!(await fetch(url).catch(() => undefined))?.ok) await delay(10);
    return since();
  };
  const starting = Installation.start(undefined, dataDirectory, ports);
  const [startPage, platform, everything] = await Promise.all([
    firstAnswer(`http://localhost:${ports}/`),
    firstAnswer(`http://localhost:${ports + 1}/.well-known/openid-configuration`),
    starting.then(since),
  ]);
  await (await starting).stop();
  return { startPage, platform, everything };
}

function show({ startPage, platform, everything }: Start): string {
  return [startPage, platform, everything].map((seconds) => `${seconds.toFixed(2)} s`).join(" / ");
}
