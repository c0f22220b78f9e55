import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { boundedFetch } from "./bounded-fetch.ts";

const limits = { timeout: 5000, maxOctets: 100 };

describe("an exchange with the outside", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  it("gives status, type and body of any answer", async () => {
    const url = await serve((_, response) => {
      response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("x".repeat(100));
    });
    expect(await boundedFetch(url, limits)).toEqual({
      status: 404,
      contentType: "text/plain",
      body: Buffer.from("x".repeat(100)),
    });
  });

  it.each([
    ["announced", { "content-length": "101" }],
    ["sent in pieces", { "transfer-encoding": "chunked" }],
  ])("ends at a body that is too long, %s", async (_, headers) => {
    const url = await serve((_request, response) => response.writeHead(200, headers).end("x".repeat(101)));
    await expect(boundedFetch(url, limits)).rejects.toThrow(RangeError);
  });

  it("ends at a body that never ends, without waiting for it", async () => {
    const url = await serve((_, response) => {
      const write = () => {
        while (!response.destroyed && response.write("x".repeat(1000)));
      };
      response.on("drain", write);
      write();
    });
    await expect(boundedFetch(url, limits)).rejects.toThrow(RangeError);
  });

  it.each<[string, RequestListener]>([
    ["an answer that never comes", () => undefined],
    ["a body that stops", (_, response) => response.writeHead(200).write("x")],
  ])("ends at %s", async (_, listener) => {
    const url = await serve(listener);
    await expect(boundedFetch(url, { ...limits, timeout: 200 })).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it("follows no redirect", async () => {
    const seen: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      seen.push(request.url);
      response.writeHead(302, { location: "/elsewhere" }).end();
    });
    await expect(boundedFetch(url, limits)).rejects.toThrow();
    expect(seen).toEqual(["/"]);
  });
});
