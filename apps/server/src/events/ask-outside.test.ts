import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askOutside } from "./ask-outside.ts";
import { isPublicAddress } from "./public-address.ts";

let server: Server;
let port: number;
let answer: RequestListener;
beforeAll(async () => {
  server = createServer((request, response) => answer(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const post = (url: string, options: Partial<Parameters<typeof askOutside>[1]> = {}) =>
  askOutside(url, { headers: {}, body: "{}", timeout: 2000, anywhere: false, ...options });

describe("a POST to an address that somebody else has chosen", () => {
  it.each([
    ["http", () => `http://bank.example/`, "SCHEME_REFUSED"],
    ["another scheme", () => "file:///etc/passwd", "SCHEME_REFUSED"],
    ["this machine", () => `https://127.0.0.1:${port}/`, "ADDRESS_REFUSED"],
    ["this machine in another notation", () => `https://2130706433:${port}/`, "ADDRESS_REFUSED"],
    ["this machine by IPv6", () => `https://[::1]:${port}/`, "ADDRESS_REFUSED"],
    ["this machine by mapped IPv6", () => `https://[::ffff:127.0.0.1]:${port}/`, "ADDRESS_REFUSED"],
    ["a cloud's metadata", () => "https://169.254.169.254/latest/meta-data", "ADDRESS_REFUSED"],
    ["a private network", () => "https://192.168.1.1/", "ADDRESS_REFUSED"],
    ["a name that leads here", () => `https://localhost:${port}/`, "ADDRESS_REFUSED"],
  ])("does not go to %s", async (_, url, code) => {
    answer = (_request, response) => response.end("reached");
    await expect(post(url())).rejects.toMatchObject({ code });
  });

  it("goes anywhere in a sandbox", async () => {
    answer = (_request, response) => response.writeHead(201, { "retry-after": "7" }).end("here");
    const reached = await post(`http://localhost:${port}/`, { anywhere: true });
    expect(reached).toEqual({ status: 201, retryAfter: 7, body: "here" });
  });

  it("follows no redirect", async () => {
    answer = (_request, response) => response.writeHead(302, { location: `http://127.0.0.1:${port}/inside` }).end();
    expect((await post(`http://127.0.0.1:${port}/`, { anywhere: true })).status).toBe(302);
  });

  it("reads the beginning of an answer only, however long it goes on", async () => {
    answer = (_request, response) => {
      const more = () => {
        while (response.write("x".repeat(10_000)));
      };
      response.on("drain", more);
      more();
    };
    expect((await post(`http://127.0.0.1:${port}/`, { anywhere: true })).body).toHaveLength(4096);
  });

  it.each<[string, RequestListener]>([
    ["does not answer", () => undefined],
    ["never comes to an end", (_request, response) => response.write("x")],
  ])("ends in time when the other side %s", async (_, silent) => {
    answer = silent;
    const slow = post(`http://127.0.0.1:${port}/`, { anywhere: true, timeout: 100 });
    await expect(slow).rejects.toMatchObject({ code: "TIMEOUT" });
  });
});

describe("a public address", () => {
  it.each(["8.8.8.8", "1.1.1.1", "203.0.114.1", "2606:4700:4700::1111", "2400:8500::1"])("is %s", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.9.9.9",
    "169.254.169.254",
    "172.31.255.255",
    "192.168.0.1",
    "198.19.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "fc00::1",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "2002:7f00:1::",
    "2001::1",
    "2001:db8::1",
    "localhost",
    "",
  ])("is not %j", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it("is none of a private network, whichever host", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const inside = fc.oneof(
      fc.tuple(fc.constant(10), byte, byte, byte),
      fc.tuple(fc.constant(127), byte, byte, byte),
      fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
    );
    fc.assert(fc.property(inside, (bytes) => !isPublicAddress(bytes.join("."))));
  });
});
