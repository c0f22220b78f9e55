import type { Benchmark, Measurement } from "./benchmark.ts";
import { Installation, withDataDirectory } from "./installation.ts";
import { median } from "./median.ts";

/** From `xid up` until every part answers, with an empty data directory and then with the same one again. */
export const startTime: Benchmark = async ({ runs, say }) => {
  const selections: [what: string, only: string | undefined][] = [
    ["platform and sandbox", "op,sandbox"],
    ["everything, app bundled before", undefined],
  ];
  const measurements: Measurement[] = [];
  for (const [what, only] of selections) {
    const cold: number[] = [];
    const warm: number[] = [];
    for (let run = 0; run < runs; run++) {
      await withDataDirectory(async (directory) => {
        cold.push(await timeStart(only, directory));
        warm.push(await timeStart(only, directory));
      });
      say(`${what}, run ${run + 1}: cold ${cold.at(-1)?.toFixed(2)} s, warm ${warm.at(-1)?.toFixed(2)} s`);
    }
    measurements.push({ what: `start, ${what}: cold`, value: median(cold), unit: "s", runs: cold });
    measurements.push({ what: `start, ${what}: warm`, value: median(warm), unit: "s", runs: warm });
  }
  return measurements;
};

async function timeStart(only: string | undefined, dataDirectory: string): Promise<number> {
  const began = performance.now();
  const installation = await Installation.start(only, dataDirectory);
  const took = (performance.now() - began) / 1000;
  await installation.stop();
  return took;
}
