import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { sandboxApp } from "./app.ts";
import type { Log } from "./log.ts";
import type { Person } from "./people/present.ts";
import { closeWorld, openWorld, type World } from "./world.ts";

/** A world of its own for a test file, served on a free port. */
export type TestWorld = {
  world: World;
  url: string;
  directory: string;
  /** Sends JSON and reads JSON. */
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<{ status: number; body: unknown }>;
  register(persona: string, details?: object): Promise<Person>;
  happen(id: string, event: object): Promise<Person>;
  /** Writes bytes for openssl to read, and gives the path. */
  file(name: string, bytes: Uint8Array): string;
  close(): void;
};

export async function startTestWorld(realClock?: () => Date): Promise<TestWorld> {
  const directory = mkdtempSync(join(tmpdir(), "xid-sandbox-"));
  let listener: ReturnType<typeof getRequestListener>;
  const server = createServer((request, response) => listener(request, response));
  // On a busy machine a kept connection would be closed in the very moment in which a test uses it again.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = { dataDirectory: directory, sandboxUrl: url, appOrigin: "http://localhost:4002", log: logErrors };
  const world = await openWorld(realClock ? { ...options, realClock } : options);
  listener = getRequestListener(sandboxApp(world).fetch);

  const post: TestWorld["post"] = async (path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body ?? {}),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  const expectPerson = ({ status, body }: { status: number; body: unknown }) => {
    if (status >= 300) throw new Error(`refused: ${JSON.stringify(body)}`);
    return body as Person;
  };
  return {
    world,
    url,
    directory,
    post,
    register: async (persona, details = {}) => expectPerson(await post("/api/people", { persona, ...details })),
    happen: async (id, event) => expectPerson(await post(`/api/people/${id}/events`, event)),
    file(name, bytes) {
      const path = join(directory, name);
      writeFileSync(path, bytes);
      return path;
    },
    close() {
      server.closeAllConnections();
      server.close();
      closeWorld(world);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const logErrors: Log = (level, ...said) => {
  if (level === "error") console.error(...said);
};

/** What `openssl` says on both its outputs. Throws when it fails. */
export function openssl(...parameters: string[]): string {
  return execFileSync("openssl", parameters, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Why tests with `openssl` can't run, or undefined. */
export const opensslMissing: string | undefined = (() => {
  try {
    openssl("version");
    return undefined;
  } catch {
    return "skipped: needs the package openssl";
  }
})();

/** The problem's code of an answer. */
export function codeOf(body: unknown): string {
  return (body as { code: string }).code;
}
