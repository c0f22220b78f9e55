import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { publicPost } from "./public-post.ts";

const post = { headers: { "content-type": "text/plain" }, body: "日本", timeout: 2_000 };
const seen: string[] = [];
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  seen.push(`${request.method} ${request.url} ${body}`);
  if (request.url === "/slow") return;
  response.writeHead(request.url === "/away" ? 307 : 204, { location: "/elsewhere" }).end();
});
let origin: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const attempt = async (profile: "sandbox" | "production", url: string) =>
  Promise.resolve()
    .then(() => publicPost({ profile }, url, { ...post, timeout: 300 }))
    .catch((error: Error) => error.message);

describe("a POST to an address that somebody else has chosen", () => {
  test("arrives, in a sandbox also on this machine, and follows no redirect", async () => {
    expect(await publicPost({ profile: "sandbox" }, `${origin}/hook`, post)).toBe(204);
    expect(await publicPost({ profile: "sandbox" }, `${origin}/away`, post)).toBe(307);
    expect(seen).toEqual(["POST /hook 日本", "POST /away 日本"]);
  });

  test.each([
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://192.168.1.1/",
    "https://[fe80::1]/",
    "https://[fd00::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://0.0.0.0/",
    "https://0x0a000001/",
  ])("goes to no inner network: %s", async (url) => {
    for (const profile of ["sandbox", "production"] as const) {
      expect(await attempt(profile, url)).toMatch(/not in the public network/);
    }
  });

  test("goes to this machine in a sandbox only, by number or by a name that means it", async () => {
    const { port } = new URL(origin);
    for (const host of ["127.0.0.1", "[::1]", "localhost", "2130706433"]) {
      expect(await attempt("production", `https://${host}:${port}/`)).toMatch(/is this machine/);
    }
    expect(await attempt("production", origin)).toMatch(/only https/);
  });

  test("does not wait for ever", async () => {
    expect(await attempt("sandbox", `${origin}/slow`)).toMatch(/aborted|timeout/i);
  });
});
