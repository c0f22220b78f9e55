import { headlessWallet, type TestWallet } from "@xid/sdk/testing";
import type { Benchmark, Measurement } from "./benchmark.ts";
import { freePortBase, Installation, withDataDirectory } from "./installation.ts";
import { median } from "./median.ts";
import { cpuTime, listProcesses, postgresOf, withDescendants } from "./processes.ts";
import { createServices, type Service } from "./services/flows.ts";
import { Profiler } from "./services/profiler.ts";
import { load } from "./sign-in/load.ts";

const people = 4;

/** Node compiles what runs often: until then a server is several times slower. */
const warmUp = { flows: 1000, seconds: 60 };

/**
 * Complete uses of each service through `@xid/sdk` and a wallet, one at a time for each of four residents; CPU of the server
 * and its database per use; and which part of the server's CPU is cryptography, from a run of its own under the profiler.
 */
export const services: Benchmark = async ({ runs, seconds, say }) =>
  withDataDirectory(async (dataDirectory) => {
    const inspector = await freePortBase();
    const environment = { NODE_OPTIONS: `--inspect-port=${inspector}` };
    const installation = await Installation.start("op,sandbox", dataDirectory, undefined, environment);
    let closing = () => {};
    try {
      say(`enrolling ${people} residents`);
      const wallets = await Promise.all(
        Array.from({ length: people }, () =>
          headlessWallet({ platform: installation.platform, sandbox: installation.sandbox }),
        ),
      );
      const { services, close } = await createServices(installation, await freePortBase());
      closing = close;
      const [pid] = withDescendants(installation.process.pid!, listProcesses())
        .filter(({ command }) => command.includes("/server/src/main.ts"))
        .map(({ pid }) => pid);
      const profiler = await Profiler.attach(pid!, inspector);
      say(`warming up: ${warmUp.flows} sign-ins`);
      await load(warmUp, people, (lane) => services[0]!.flow(wallets[lane]!));
      const results: Measurement[] = [];
      for (const service of services) {
        results.push(...(await measure(service, wallets, { pid: pid!, dataDirectory, profiler, runs, seconds })));
        const [rate, server, database, share] = results.slice(-4).map(({ value }) => value);
        say(
          `${service.name}: ${rate!.toFixed(1)}/s, ${server!.toFixed(2)} + ${database!.toFixed(2)} ms, cryptography ${(share! * 100).toFixed(0)} %`,
        );
      }
      profiler.close();
      return results;
    } catch (error) {
      say(await installation.errors());
      throw error;
    } finally {
      closing();
      await installation.stop();
    }
  });

type Where = { pid: number; dataDirectory: string; profiler: Profiler; runs: number; seconds: number };

async function measure(service: Service, wallets: TestWallet[], where: Where): Promise<Measurement[]> {
  const { pid, dataDirectory, profiler, runs, seconds } = where;
  const flow = (lane: number) => service.flow(wallets[lane]!);
  const database = () => postgresOf(dataDirectory).reduce((sum, { pid }) => sum + cpuTime(pid), 0);
  await load({ seconds: Math.max(seconds, 3) }, people, flow);
  const measured: { rate: number; server: number; database: number }[] = [];
  for (let run = 0; run < runs; run++) {
    const before = { server: cpuTime(pid), database: database() };
    const { flows, seconds: took } = await load({ seconds }, people, flow);
    measured.push({
      rate: flows / took,
      server: (cpuTime(pid) - before.server) / flows,
      database: (database() - before.database) / flows,
    });
  }
  await profiler.start();
  await load({ seconds }, people, flow);
  const { main, cryptography, pool } = await profiler.stop();
  const of = (what: string, unit: string, pick: (one: (typeof measured)[number]) => number): Measurement => ({
    what: `${service.name}${what}`,
    value: median(measured.map(pick)),
    unit,
    runs: measured.map(pick),
  });
  return [
    of("", "/s", ({ rate }) => rate),
    of(": CPU of the server", "ms", ({ server }) => server),
    of(": CPU of the database", "ms", ({ database }) => database),
    {
      what: `${service.name}: cryptography`,
      value: (cryptography + pool) / (main + pool),
      unit: "of the server's CPU",
    },
  ];
}
