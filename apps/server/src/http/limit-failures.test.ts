import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limitFailures } from "./limit-failures.ts";

let server: Server;
let status: number;
let time = 0;
beforeAll(async () => {
  const config = { profile: "production", proxyHops: 1 } as never;
  const answer = (_request: IncomingMessage, response: ServerResponse) => void response.writeHead(status).end();
  server = createServer(limitFailures({ config, clock: () => time }, answer));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => server.close());

const post = (from: string, method = "POST") =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/token`, {
    method,
    headers: { "x-forwarded-for": from },
  });

test("puts off an address that keeps failing to authenticate, in the form of OAuth, and no other", async () => {
  status = 401;
  for (let tries = 0; tries < 30; tries++) expect((await post("192.0.2.1")).status).toBe(401);
  const put = await post("192.0.2.1");
  expect(await put.json()).toMatchObject({ error: "temporarily_unavailable" });
  expect([put.status, put.headers.get("retry-after"), put.headers.get("ratelimit-remaining")]).toEqual([429, "2", "0"]);
  expect((await post("192.0.2.2")).status).toBe(401);
  expect((await post("192.0.2.1", "GET")).status).toBe(401);
  time = 2000;
  expect((await post("192.0.2.1")).status).toBe(401);
});

test("lets everybody else come as often as they like", async () => {
  status = 200;
  for (let tries = 0; tries < 40; tries++) expect((await post("192.0.2.3")).status).toBe(200);
  status = 400;
  for (let tries = 0; tries < 40; tries++) expect((await post("192.0.2.3")).status).toBe(400);
});
