import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Report, startCarelessRelyingParty } from "@xid/sdk/testing";
import { expect, inject, it } from "vitest";

const root = new URL("..", import.meta.url).pathname;

/** `xid test-relying-party`, to its end. */
async function robot(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const child = spawn(join(root, "packages/cli/bin/xid.js"), ["test-relying-party", ...args], { stdio: "pipe" });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const [status] = (await once(child, "close")) as [number];
  return { status, stdout, stderr };
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return String(port);
}

it("the demo bank refuses everything that a dishonest provider plays", async () => {
  const [port, bankPort] = [await freePort(), await freePort()];
  const data = mkdtempSync(join(tmpdir(), "xid-robot-"));
  const environment = { XID_PORT: bankPort, XID_ISSUER: `http://localhost:${port}`, XID_DATA_DIR: data };
  const bank = spawn(process.execPath, [join(root, "apps/demos/bank/src/main.ts")], {
    env: { ...process.env, ...environment },
    stdio: "ignore",
  });
  try {
    const { status, stdout } = await robot(
      ...["--start", `http://localhost:${bankPort}/open/start`, "--port", port, "--json"],
    );
    const report = JSON.parse(stdout) as Report;
    const taken = report.attacks.filter(({ outcome }) => !["refused", "not_applicable"].includes(outcome));
    expect(taken).toEqual([]);
    expect(report.attacks.length).toBeGreaterThan(40);
    expect([status, report.passed]).toEqual([0, true]);
  } finally {
    bank.kill();
    await once(bank, "exit");
    rmSync(data, { recursive: true });
  }
});

it("a careless relying party is told what it took, with exit status 1", async () => {
  const port = await freePort();
  const origin = `http://localhost:${await freePort()}`;
  const careless = startCarelessRelyingParty(`http://localhost:${port}`, { port: Number(new URL(origin).port) });
  const { status, stdout, stderr } = await robot(
    ...["--start", `${origin}/sign-in`, "--port", port, "--only", "nonce-wrong,token-redirect", "--lang", "ja"],
  );
  (await careless).close();
  expect(stdout).toContain("✗ nonce-wrong");
  expect(stdout).toContain("コードを他へ送った");
  expect(stdout).toContain("不合格");
  expect([status, stderr]).toEqual([1, expect.stringContaining("CARELESS")]);
});

it("a relying party's own tests, as the example has them, pass against the platform and the robot", async () => {
  const { platform, sandbox } = inject("places");
  const folder = mkdtempSync(join(tmpdir(), "xid-example-"));
  const child = spawn(process.execPath, ["--test", "--test-reporter=tap", join(root, "docs/examples/testing.ts")], {
    env: { ...process.env, XID_ISSUER: platform, XID_SANDBOX: sandbox, FOLDER: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  const [status] = (await once(child, "close")) as [number];
  rmSync(folder, { recursive: true });
  expect(said).toContain("# pass 2");
  expect(status).toBe(0);
});
