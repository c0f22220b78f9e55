import type { ChildProcess } from "node:child_process";
import { generateKeyPairSync, type JsonWebKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Benchmark, Measurement } from "./benchmark.ts";
import { freePortBase, Installation, withDataDirectory } from "./installation.ts";
import { median } from "./median.ts";
import { cpuTime, listProcesses, withDescendants } from "./processes.ts";
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

type Run = { flowsPerSecond: number; cpuPerFlow: number };

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
      const ourPids = () => [...platformPids(installation), ...children.slice(1).flatMap(({ pid }) => pid ?? [])];

      const ours: Run[] = [];
      const theirs: Run[] = [];
      const measure = (pids: () => number[], work: (lane: number) => Promise<void>) => measureLoad(seconds, pids, work);
      await measure(ourPids, flow);
      await measure(() => [bare.process.pid!], bare.flow);
      for (let run = 0; run < runs; run++) {
        ours.push(await measure(ourPids, flow));
        theirs.push(await measure(() => [bare.process.pid!], bare.flow));
        say(`run ${run + 1}: xID ${show(ours.at(-1)!)}, bare ${show(theirs.at(-1)!)}`);
      }

      children.push(await startSecondServer(installation, ports));
      await measure(ourPids, flow);
      const two: Run[] = [];
      for (let run = 0; run < runs; run++) {
        two.push(await measure(ourPids, flow));
        say(`run ${run + 1}: two processes ${show(two.at(-1)!)}`);
      }
      return [
        ...compare("sign-in flows", ours, theirs),
        ...compare("sign-in flows, two server processes", two, theirs),
      ];
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
  ];
}

async function measureLoad(seconds: number, pids: () => number[], work: (lane: number) => Promise<void>): Promise<Run> {
  const before = new Map(pids().map((pid) => [pid, cpuTime(pid)]));
  const { flows, seconds: took } = await load(seconds, concurrency, work);
  const spent = pids().reduce((sum, pid) => sum + cpuTime(pid) - (before.get(pid) ?? 0), 0);
  return { flowsPerSecond: flows / took, cpuPerFlow: spent / flows };
}

/** The server, and every PostgreSQL process of this data directory. */
function platformPids({ process: up, dataDirectory }: Installation): number[] {
  const processes = listProcesses();
  const servers = withDescendants(up.pid!, processes).filter(({ command }) => command.includes("/server/src/main.ts"));
  const postmaster = processes.find(({ command }) => command.includes("postgres") && command.includes(dataDirectory));
  return [...servers, ...(postmaster ? withDescendants(postmaster.pid, processes) : [])].map(({ pid }) => pid);
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
