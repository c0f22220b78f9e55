import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

function run(environment: Record<string, string>): { child: ChildProcess; output: () => string; line: Promise<void> } {
  const child = spawn(process.execPath, [main], { env: { PATH: process.env.PATH, ...environment } });
  let text = "";
  const line = new Promise<void>((resolve) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on("data", (chunk) => {
        text += chunk;
        if (text.includes("\n")) resolve();
      });
    }
  });
  return { child, output: () => text, line };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

describe("the bank's process", () => {
  it("says when it listens, works before the provider does, keeps its keys to itself and stops on SIGTERM", async () => {
    const directory = mkdtempSync(join(tmpdir(), "bank-"));
    const port = await freePort();
    const url = `http://localhost:${port}`;
    const { child, output, line } = run({
      XID_PORT: String(port),
      XID_BANK_URL: url,
      XID_ISSUER: "http://localhost:9",
      XID_DATA_DIR: directory,
    });
    await line;
    expect(output()).toBe(`listening ${url}\n`);
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });
    expect((await fetch(`${url}/sign-in`)).status).toBe(503);
    for (const file of ["customers.db", "xid-client.json"]) {
      expect(statSync(join(directory, "bank", file)).mode & 0o777).toBe(0o600);
    }
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    rmSync(directory, { recursive: true });
  });

  it("stops with one sentence on a wrong setting", async () => {
    const { child, output } = run({ XID_PORT: "ninety" });
    expect((await once(child, "close"))[0]).toBe(1);
    expect(output()).toBe("XID_PORT must be a port number\n");
  });
});
