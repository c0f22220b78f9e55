import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const launcher = fileURLToPath(new URL("../bin/xid.js", import.meta.url));

export type Finished = { status: number | null; stdout: string; stderr: string };

type Surroundings = { stdin?: string; environment?: Record<string, string> };

/** Runs one command line to its end, as a shell would. `node` runs the launcher. */
export async function xid(args: string[], node = process.execPath, surroundings: Surroundings = {}): Promise<Finished> {
  const { stdin, environment } = surroundings;
  const child = spawn(node, [launcher, ...args], { stdio: "pipe", env: { ...process.env, ...environment } });
  // One that asks for nothing may be gone already.
  child.stdin.on("error", () => undefined).end(stdin);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    output.stdout += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output.stderr += chunk.toString("utf8");
  });
  const [status] = (await once(child, "close")) as [number | null];
  return { status, ...output };
}

/** Runs one command line with `--json` that must succeed. */
export async function xidJson<T>(...args: string[]): Promise<T> {
  const { status, stdout, stderr } = await xid([...args, "--json"]);
  if (status !== 0) throw new Error(`xid ${args.join(" ")}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** Starts a command that stays, and resolves with it when it has printed a line that holds `sign`. */
export async function xidUntil(sign: string, args: string[], node = process.execPath): Promise<ChildProcess> {
  const child = spawn(node, [launcher, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString("utf8");
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes(sign)) continue;
    child.stdout.resume();
    return child;
  }
  throw new Error(`xid ${args.join(" ")} ended: ${errors}`);
}

/** Sends the signal and resolves with the exit status, or the signal that ended it. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<number | NodeJS.Signals> {
  if (child.exitCode !== null) return child.exitCode;
  child.kill(signal);
  const [status, by] = (await once(child, "exit")) as [number | null, NodeJS.Signals];
  return status ?? by;
}

/** The first of seven ports in a row that nobody listens on. */
export async function freePortBase(): Promise<number> {
  for (;;) {
    const base = 20_000 + Math.floor(Math.random() * 20_000);
    const free = await Promise.all(Array.from({ length: 7 }, (_, offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, () => probe.close(() => resolve(true)));
  });
}
