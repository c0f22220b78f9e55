import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freePortBase } from "../test-xid.ts";
import { ChildPart } from "./child-part.ts";
import type { PartState, PartStatus } from "./part.ts";

let directory: string;
const started: ChildPart[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "xid-part-"));
});
afterEach(() => Promise.all(started.splice(0).map((part) => part.stop())));
afterAll(() => rm(directory, { recursive: true, force: true }));

const serving = `
  import { createServer } from "node:http";
  createServer((request, response) => response.end("{}")).listen(Number(process.env.XID_PORT), "127.0.0.1");
`;

/** A part that runs `source`; `reached(state)` resolves when it gets there. */
async function part(source: string) {
  const port = await freePortBase();
  const program = join(directory, `${port}.mjs`);
  await writeFile(program, source);
  const statuses: PartStatus[] = [];
  const waiting: { state: PartState; resolve: (status: PartStatus) => void }[] = [];
  const made = new ChildPart({
    name: "sandbox",
    url: `http://localhost:${port}`,
    program: pathToFileURL(program).href,
    environment: { XID_PORT: String(port) },
    logFile: join(directory, `${port}.log`),
    onChange: (status) => {
      statuses.push(status);
      for (const one of waiting.filter(({ state }) => state === status.state)) one.resolve(status);
    },
  });
  started.push(made);
  const reached = (state: PartState) => new Promise<PartStatus>((resolve) => waiting.push({ state, resolve }));
  return { part: made, statuses, reached };
}

describe("a part that runs as a child process", () => {
  it("is ready when it serves, and gone when stopped", async () => {
    const { part: child, statuses } = await part(serving);
    await child.start();
    expect((await fetch(`${child.url}/healthz`)).status).toBe(200);
    await child.stop();
    expect(statuses.map(({ state }) => state)).toEqual(["starting", "ready", "stopped"]);
    await expect(fetch(`${child.url}/healthz`)).rejects.toThrow();
  });

  it("says why it could not start", async () => {
    const { part: child } = await part(`console.error("XID_PORT must be a port number"); process.exit(1);`);
    await expect(child.start()).rejects.toMatchObject({
      code: "START_FAILED",
      message: expect.stringMatching(/ended with code 1: XID_PORT must be a port number/),
    });
    expect(child.status()).toMatchObject({ state: "failed" });
  });

  it("takes the sentence out of an uncaught error", async () => {
    const { part: child } = await part(`throw new TypeError("the port is missing");`);
    await expect(child.start()).rejects.toMatchObject({
      message: expect.stringContaining(": TypeError: the port is missing"),
    });
  });

  it("is started again when it dies", async () => {
    const { part: child, reached } = await part(serving);
    await child.start();
    const restarting = reached("restarting");
    const ready = reached("ready");
    const before = child.pid!;
    process.kill(before, "SIGKILL");
    expect((await restarting).detail).toBe("killed by SIGKILL");
    await ready;
    expect(child.pid).not.toBe(before);
    expect((await fetch(`${child.url}/healthz`)).status).toBe(200);
  });
});
