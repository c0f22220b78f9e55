import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { Browser } from "./browser.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function withServer(handlers: Record<string, Handler>, test: (origin: string, seen: string[]) => Promise<void>) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.cookie ?? "-"}`);
    const handler = handlers[request.url ?? ""];
    if (handler) handler(request, response);
    else response.writeHead(404).end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await test(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function redirect(location: string, ...cookies: string[]): Handler {
  return (_, response) => response.writeHead(303, { location, "set-cookie": cookies }).end();
}

describe("the browser of the headless sign-in", () => {
  it("follows redirects inside the origin and hands over the one that leaves it, unfetched", async () => {
    const callback = "https://bank.example/callback?code=1&state=%41";
    await withServer({ "/auth": redirect("/next"), "/next": redirect(callback) }, async (origin, seen) => {
      expect(await new Browser(origin).get(`${origin}/auth`)).toEqual({ kind: "callback", url: callback });
      expect(seen).toEqual(["GET /auth -", "GET /next -"]);
    });
  });

  it("takes a callback on another port of the same host for what it is", async () => {
    await withServer({ "/auth": redirect("http://127.0.0.1:1/callback?code=1") }, async (origin) => {
      expect(await new Browser(origin).get(`${origin}/auth`)).toMatchObject({ kind: "callback" });
    });
  });

  it("sends cookies where their path says, and forgets those that are taken back", async () => {
    const handlers = {
      "/auth": redirect(
        "/interaction/1",
        "resume=r; path=/auth/1; httponly",
        "page=p; path=/interaction/1",
        "all=a; path=/",
      ),
      "/interaction/1": redirect("/auth/1", "page=; path=/interaction/1; expires=Thu, 01 Jan 1970 00:00:00 GMT"),
      "/auth/1": redirect("/interaction/1/end"),
      "/interaction/1/end": ((_, response) => response.writeHead(200).end("{}")) satisfies Handler,
    };
    await withServer(handlers, async (origin, seen) => {
      await new Browser(origin).get(`${origin}/auth`);
      expect(seen).toEqual([
        "GET /auth -",
        "GET /interaction/1 page=p; all=a",
        "GET /auth/1 resume=r; all=a",
        "GET /interaction/1/end all=a",
      ]);
    });
  });

  it("gives up on redirects without end", async () => {
    await withServer({ "/loop": redirect("/loop") }, async (origin) => {
      await expect(new Browser(origin).get(`${origin}/loop`)).rejects.toMatchObject({ code: "UNEXPECTED_ANSWER" });
    });
  });
});
