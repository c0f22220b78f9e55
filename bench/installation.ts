import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const cli = fileURLToPath(new URL("../bin/xid.js", import.meta.resolve("@xid/cli")));
const run = promisify(execFile);

/** A running `xid up` with a data directory of its own, on ports of its own. */
export class Installation {
  readonly portBase: number;
  readonly dataDirectory: string;
  readonly process: ChildProcess;

  private constructor(portBase: number, dataDirectory: string, process: ChildProcess) {
    this.portBase = portBase;
    this.dataDirectory = dataDirectory;
    this.process = process;
  }

  /** Resolves when everything selected serves. `dataDirectory` is emptied by nobody: give one to start warm. `ports` is the port base. */
  static async start(
    only: string | undefined,
    dataDirectory: string,
    ports?: number,
    environment: Record<string, string> = {},
  ): Promise<Installation> {
    const portBase = ports ?? (await freePortBase());
    const args = ["up", "--json", "--port-base", String(portBase), "--data", dataDirectory];
    const child = spawn(process.execPath, [cli, ...args, ...(only ? ["--only", only] : [])], {
      env: { ...process.env, XID_LOG_LEVEL: "warn", ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      if (line.includes('"ready":true')) return new Installation(portBase, dataDirectory, child);
    }
    throw new Error("xid up ended before it was ready");
  }

  get platform(): string {
    return `http://localhost:${this.portBase + 1}`;
  }

  get sandbox(): string {
    return `http://localhost:${this.portBase + 6}`;
  }

  /** Runs one verb of the command-line tool against this installation. */
  async xid<T>(...args: string[]): Promise<T> {
    const places = ["--port-base", String(this.portBase), "--data", this.dataDirectory, "--json"];
    const { stdout } = await run(process.execPath, [cli, ...args, ...places]);
    return JSON.parse(stdout) as T;
  }

  /** The last errors in the platform's log: why a benchmark that failed did. */
  async errors(): Promise<string> {
    const log = await readFile(join(this.dataDirectory, "logs", "server.log"), "utf8");
    return log
      .split("\n")
      .filter((line) => line.includes('"level":"error"'))
      .slice(-3)
      .join("\n");
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGTERM");
    await exit;
  }
}

/** A data directory for as long as `work` lasts. */
export async function withDataDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "xid-bench-"));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Seven ports in a row that nobody listens on. Another process may take them before we do. */
export async function freePortBase(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const base = 10_000 + Math.floor(Math.random() * 20_000);
    const free = await Promise.all(Array.from({ length: 8 }, (_, offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
  throw new Error("no free ports");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, () => probe.close(() => resolve(true)));
  });
}
