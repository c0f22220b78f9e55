import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { clientAddress, isUnlimited } from "./client-address.ts";

const request = (forwarded?: string) =>
  ({ socket: { remoteAddress: "10.0.0.1" }, headers: { "x-forwarded-for": forwarded } }) as unknown as IncomingMessage;

test("believes of X-Forwarded-For what our own proxies wrote, and nothing without any", () => {
  expect(clientAddress({ proxyHops: 0 }, request("1.1.1.1"))).toBe("10.0.0.1");
  expect(clientAddress({ proxyHops: 1 }, request("6.6.6.6, 1.1.1.1"))).toBe("1.1.1.1");
  expect(clientAddress({ proxyHops: 2 }, request("6.6.6.6, 1.1.1.1, 10.0.0.9"))).toBe("1.1.1.1");
  expect(clientAddress({ proxyHops: 1 }, request())).toBe("10.0.0.1");
});

test("spares only programs on the same machine, and only in a sandbox", () => {
  expect(isUnlimited({ profile: "sandbox" }, "::ffff:127.0.0.1")).toBe(true);
  expect(isUnlimited({ profile: "sandbox" }, "10.0.0.1")).toBe(false);
  expect(isUnlimited({ profile: "production" }, "127.0.0.1")).toBe(false);
});
