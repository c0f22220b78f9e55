import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";

export type RunningExample = { origin: string; folder: string; stop(): Promise<void> };

/** An example of the docs as it stands there, in a folder of its own. */
export async function startExample(name: string): Promise<RunningExample> {
  const folder = mkdtempSync(join(tmpdir(), `xid-${name}-`));
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  const { platform, sandbox } = inject("places");
  const child = spawn(process.execPath, [new URL(`../docs/examples/${name}.ts`, import.meta.url).pathname], {
    env: { ...process.env, PORT: String(port), XID_ISSUER: platform, XID_SANDBOX: sandbox, FOLDER: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return {
    origin: `http://localhost:${port}`,
    folder,
    async stop() {
      child.kill();
      await once(child, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

/** `xid` as somebody else's script would call it. */
export async function xid<T = Record<string, unknown>>(...words: string[]): Promise<T> {
  const { portBase, data } = inject("places");
  const program = new URL("../packages/cli/bin/xid.js", import.meta.url).pathname;
  const where = ["--port-base", String(portBase), "--data", data, "--json"];
  const { stdout } = await promisify(execFile)(program, [...words, ...where]);
  return JSON.parse(stdout) as T;
}
