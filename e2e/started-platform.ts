import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { healthy } from "./server-process.ts";

/** Where the parts of the platform under test are. */
export type Places = {
  start: string;
  platform: string;
  app: string;
  bank: string;
  sandbox: string;
  portBase: number;
  data: string;
};

declare module "vitest" {
  export interface ProvidedContext {
    places: Places;
  }
}

/** Seconds that a first start may take: it builds the xID app. */
const coldBuild = 480;

const root = new URL("..", import.meta.url).pathname;

/** Starts the whole platform as a newcomer would, on free ports and an empty data folder, for all stories. */
export default async function startPlatform(project: TestProject): Promise<() => Promise<void>> {
  const portBase = await freePortBase();
  const data = mkdtempSync(join(tmpdir(), "xid-e2e-"));
  const up = spawn(join(root, "packages/cli/bin/xid.js"), ["up", "--port-base", `${portBase}`, "--data", data], {
    cwd: root,
    // Every sign-in asks JPKI anew, so that a story need not wait until an answer is old.
    env: { ...process.env, XID_STATUS_MAX_AGE: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log: string[] = [];
  for (const stream of [up.stdout, up.stderr]) stream.on("data", (chunk) => log.push(`${chunk}`));
  const at = (offset: number) => `http://localhost:${portBase + offset}`;
  const places: Places = {
    start: at(0),
    platform: at(1),
    app: at(2),
    bank: at(3),
    sandbox: at(6),
    portBase,
    data,
  };
  try {
    for (const url of [places.platform, places.app, places.bank, places.sandbox])
      await healthy(`${url}/healthz`, up, coldBuild);
  } catch (cause) {
    up.kill("SIGKILL");
    throw new Error(`the platform did not start:\n${log.join("").slice(-4000)}`, { cause });
  }
  project.provide("places", places);
  return async () => {
    await stopped(up);
    rmSync(data, { recursive: true, force: true });
  };
}

function stopped(process: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (process.exitCode !== null) return resolve();
    process.once("exit", () => resolve());
    process.kill("SIGTERM");
  });
}

/** The first of seven free ports in a row, above the ephemeral range's usual start. */
async function freePortBase(): Promise<number> {
  for (let base = 14_000 + (process.pid % 400) * 10; base < 60_000; base += 10) {
    const free = await Promise.all([0, 1, 2, 3, 4, 5, 6].map((offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
  throw new Error("no free ports");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
