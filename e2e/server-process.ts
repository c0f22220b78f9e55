import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Places } from "./started-platform.ts";

const root = new URL("..", import.meta.url).pathname;

/** A server process of a test's own. */
export type ServerProcess = {
  url: string;
  pid: number;
  /** All that it has printed. */
  log(): string;
  /** Resolves when it has ended. */
  end(signal: "SIGTERM" | "SIGKILL" | "SIGCONT"): Promise<void>;
};

/** Starts a server that speaks for `issuer` from `data`, and waits until it is healthy. */
export async function startServer(
  { sandbox, app }: Pick<Places, "sandbox" | "app">,
  {
    port,
    issuer,
    data,
    environment = {},
  }: { port: number; issuer: string; data: string; environment?: Record<string, string> },
): Promise<ServerProcess> {
  const child = spawn(join(root, "node_modules/.bin/node"), [join(root, "apps/server/src/main.ts")], {
    env: {
      ...process.env,
      XID_PROFILE: "sandbox",
      XID_PORT: `${port}`,
      XID_ISSUER: issuer,
      XID_APP_URL: app,
      XID_SANDBOX_URL: sandbox,
      XID_DATA_DIR: data,
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => log.push(`${chunk}`));
  const url = `http://localhost:${port}`;
  try {
    await healthy(`${url}/healthz`, child);
  } catch (cause) {
    child.kill("SIGKILL");
    throw new Error(`the server did not start:\n${log.join("").slice(-3000)}`, { cause });
  }
  return {
    url,
    pid: child.pid!,
    log: () => log.join(""),
    end: (signal) =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once("exit", () => resolve());
        child.kill(signal);
      }),
  };
}

/** Resolves when `url` answers 200; throws if the process ends first or after `seconds`. */
export async function healthy(url: string, child: ChildProcess, seconds = 120): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    if (child.exitCode !== null) throw new Error(`the process ended with ${child.exitCode}`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} is not healthy`);
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
