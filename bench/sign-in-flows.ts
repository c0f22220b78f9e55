import type { ChildProcess } from "node:child_process";
import { generateKeyPairSync, type JsonWebKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Benchmark, Measurement } from "./benchmark.ts";
import { freePortBase, Installation, withDataDirectory } from "./installation.ts";
import { median } from "./median.ts";
import { cpuTime, listProcesses, postgresOf, withDescendants } from "./processes.ts";
import { bareFlow } from "./sign-in/bare-flow.ts";
import { load } from "./sign-in/load.ts";
import { type Endpoints, ourFlow } from "./sign-in/our-flow.ts";
import type { RelyingParty } from "./sign-in/relying-party.ts";
import { startServer, stopServer } from "./sign-in/server-process.ts";
import { enrolWallets } from "./sign-in/wallets.ts";

const concurrency = 16;
const walletCount = 8;
const redirectUri = "http://localhost:3000/callback";
const scope = "openid name birthdate gender address";

/** A server process has compiled what it runs often after about as many flows; before, it is several times slower. */
const warmUp = { flows: 1500, seconds: 90 };

/** Process ids by what their CPU time is counted as. */
type Processes = { server: number[]; database: number[] };
type Run = { flowsPerSecond: number; cpuPerFlow: number; databaseCpuPerFlow: number };

/**
 * Complete sign-ins, authorization to tokens: xID with its database against oidc-provider alone in memory, in turn, on
 * the same machine; then xID with two server processes on one database. CPU is that of the server and PostgreSQL
 * processes; the load generator's and the sandbox's is not in it.
 */
export const signInFlows: Benchmark = async ({ runs, seconds, say }) =>
  withDataDirectory(async (dataDirectory) => {
    const installation = await Installation.start("op,sandbox", dataDirectory);
    const children: ChildProcess[] = [];
    try {
      const ports = [installation.portBase + 1];
      let turn = 0;
      const nextPort = () => ports[turn++ % ports.length] as number;
      say(`enrolling ${walletCount} wallets`);
      const wallets = await enrolWallets(installation, walletCount, nextPort);
      const party = await registerParty(installation);
      const endpoints = await readEndpoints(installation.platform);
      const flow = (lane: number) => ourFlow(party, endpoints, wallets[lane % walletCount]!, nextPort);
      const bare = await startBare();
      children.push(bare.process);
      const ourProcesses = () => platformProcesses(installation, children.slice(1));
      const theirProcesses = () => ({ server: [bare.process.pid!], database: [] });

      const ours: Run[] = [];
      const theirs: Run[] = [];
      say(`warming up: ${warmUp.flows} sign-ins each`);
      await load(warmUp, concurrency, flow);
      await load(warmUp, concurrency, bare.flow);
      for (let run = 0; run < runs; run++) {
        ours.push(await measure(seconds, ourProcesses, flow));
        theirs.push(await measure(seconds, theirProcesses, bare.flow));
        say(`run ${run + 1}: xID ${show(ours.at(-1)!)}, bare ${show(theirs.at(-1)!)}`);
      }

      children.push(await startSecondServer(installation, ports));
      await load(warmUp, concurrency, flow);
      const two: Run[] = [];
      for (let run = 0; run < runs; run++) {
        two.push(await measure(seconds, ourProcesses, flow));
        say(`run ${run + 1}: two processes ${show(two.at(-1)!)}`);
      }
      return [
        ...compare("sign-in flows", ours, theirs),
        ...compare("sign-in flows, two server processes", two, theirs),
      ];
    } catch (error) {
      say(await installation.errors());
      throw error;
    } finally {
      await Promise.all(children.map(stopServer));
      await installation.stop();
    }
  });

function compare(what: string, ours: Run[], theirs: Run[]): Measurement[] {
  const bare = "bare oidc-provider, one process, in memory";
  const measurement = (name: string, unit: string, pick: (run: Run) => number): Measurement => ({
    what: name,
    value: median(ours.map(pick)),
    unit,
    reference: { what: bare, value: median(theirs.map(pick)) },
    runs: ours.map(pick),
  });
  return [
    measurement(what, "flows/s", ({ flowsPerSecond }) => flowsPerSecond),
    measurement(`${what}: CPU, database included`, "ms/flow", ({ cpuPerFlow }) => cpuPerFlow),
    {
      what: `${what}: CPU of the database`,
      value: median(ours.map(({ databaseCpuPerFlow }) => databaseCpuPerFlow)),
      unit: "ms/flow",
      runs: ours.map(({ databaseCpuPerFlow }) => databaseCpuPerFlow),
    },
  ];
}

async function measure(
  seconds: number,
  processes: () => Processes,
  work: (lane: number) => Promise<void>,
): Promise<Run> {
  const before = cpuTimes(processes());
  const { flows, seconds: took } = await load({ seconds }, concurrency, work);
  const after = cpuTimes(processes());
  const database = (after.database - before.database) / flows;
  const cpuPerFlow = (after.server - before.server) / flows + database;
  return { flowsPerSecond: flows / took, cpuPerFlow, databaseCpuPerFlow: database };
}

function cpuTimes({ server, database }: Processes): { server: number; database: number } {
  const sum = (pids: number[]) => pids.reduce((total, pid) => total + cpuTime(pid), 0);
  return { server: sum(server), database: sum(database) };
}

/** The server processes, and every PostgreSQL process of this data directory. */
function platformProcesses({ process: up, dataDirectory }: Installation, others: ChildProcess[]): Processes {
  const processes = listProcesses();
  const servers = withDescendants(up.pid!, processes).filter(({ command }) => command.includes("/server/src/main.ts"));
  return {
    server: [...servers.map(({ pid }) => pid), ...others.flatMap(({ pid }) => pid ?? [])],
    database: postgresOf(dataDirectory, processes).map(({ pid }) => pid),
  };
}

async function registerParty(installation: Installation): Promise<RelyingParty> {
  const args = ["client", "register", "--name", "bench", "--redirect-uri", redirectUri, "--scope", scope];
  const { client_id: clientId } = await installation.xid<{ client_id: string }>(...args);
  const file = join(installation.dataDirectory, "clients", `${encodeURIComponent(clientId)}.json`);
  const { private_jwk: privateJwk } = JSON.parse(await readFile(file, "utf8")) as { private_jwk: JsonWebKey };
  return { issuer: installation.platform, clientId, privateJwk, redirectUri, scope };
}

async function readEndpoints(platform: string): Promise<Endpoints> {
  const answer = await fetch(`${platform}/.well-known/openid-configuration`);
  const discovery = (await answer.json()) as { authorization_endpoint: string; token_endpoint: string };
  return {
    authorization: new URL(discovery.authorization_endpoint).pathname,
    token: new URL(discovery.token_endpoint).pathname,
  };
}

async function startBare() {
  const port = await freePortBase();
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const about = { kid: "bench", use: "sig", alg: "ES256" };
  const environment = {
    REDIRECT_URI: redirectUri,
    CLIENT_JWK: JSON.stringify({ ...publicKey.export({ format: "jwk" }), ...about }),
  };
  const program = import.meta.resolve("./sign-in/bare-provider.ts");
  const process = await startServer(program, port, environment, "/.well-known/openid-configuration");
  const privateJwk = { ...privateKey.export({ format: "jwk" }), ...about };
  const party: RelyingParty = { issuer: `http://localhost:${port}`, clientId: "bench", privateJwk, redirectUri, scope };
  return { process, flow: () => bareFlow(party, port) };
}

/** The same issuer and data directory on another port, which is added to `ports`. */
async function startSecondServer(installation: Installation, ports: number[]): Promise<ChildProcess> {
  const port = await freePortBase();
  const environment = {
    XID_PROFILE: "sandbox",
    XID_ISSUER: installation.platform,
    XID_APP_URL: `http://localhost:${installation.portBase + 2}`,
    XID_SANDBOX_URL: installation.sandbox,
    XID_DATA_DIR: installation.dataDirectory,
    XID_LOG_LEVEL: "warn",
  };
  const child = await startServer(import.meta.resolve("@xid/server/main"), port, environment, "/healthz");
  ports.push(port);
  return child;
}

function show({ flowsPerSecond, cpuPerFlow }: Run): string {
  return `${flowsPerSecond.toFixed(0)} flows/s at ${cpuPerFlow.toFixed(2)} ms CPU`;
}
