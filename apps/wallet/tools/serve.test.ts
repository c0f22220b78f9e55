import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWalletServer } from "./serve.ts";

describe("the server of the web build", () => {
  const dist = mkdtempSync(join(tmpdir(), "xid-wallet-"));
  let url: string;
  let port: number;
  let close: () => Promise<void>;

  beforeAll(async () => {
    mkdirSync(join(dist, "_expo/static/js/web"), { recursive: true });
    writeFileSync(join(dist, "index.html"), "<!DOCTYPE html>");
    writeFileSync(join(dist, ".source-hash"), "hash");
    writeFileSync(join(dist, "_expo/static/js/web/index-1.js"), "1");
    writeFileSync(join(dist, "reset.css"), "");
    port = await freePort();
    url = `http://localhost:${port}`;
    ({ close } = await startWalletServer({
      port,
      platformUrl: "http://localhost:4001",
      sandboxUrl: "http://localhost:4006",
      distDirectory: dist,
    }));
  });
  afterAll(async () => {
    await close();
    rmSync(dist, { recursive: true });
  });

  it("gives the app for its own paths, never cached", async () => {
    for (const path of ["/", "/request", "/request?x"]) {
      const response = await fetch(url + path);
      expect([response.status, await response.text()]).toEqual([200, "<!DOCTYPE html>"]);
      expect(response.headers.get("cache-control")).toBe("no-store");
    }
  });

  it("says where the app finds its counterparts", async () => {
    expect(await (await fetch(`${url}/config.json`)).json()).toEqual({
      platformUrl: "http://localhost:4001",
      sandboxUrl: "http://localhost:4006",
      appUrl: url,
    });
  });

  it("has files named by their content cached for good, and others asked for again", async () => {
    const caching = async (path: string) => (await fetch(url + path)).headers.get("cache-control");
    expect(await caching("/_expo/static/js/web/index-1.js")).toContain("immutable");
    expect(await caching("/reset.css")).toBe("no-cache");
  });

  it("lets a page load only its own and talk only to its counterparts", async () => {
    const policy = (await fetch(url)).headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain(
      "connect-src 'self' http://localhost:4001 http://localhost:4006 https: http://localhost:*;",
    );
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types default");
    expect(policy).not.toMatch(/unsafe| \*/);
  });

  it("sends scripts compressed to those who can take it, and whole to others", async () => {
    const get = (encoding: string) =>
      fetch(`${url}/_expo/static/js/web/index-1.js`, { headers: { "accept-encoding": encoding } });
    for (const [encoding, sent] of [
      ["gzip, br", "gzip"],
      ["identity", null],
      ["gzip;q=0", null],
    ] as const) {
      const response = await get(encoding);
      expect([response.headers.get("content-encoding"), await response.text()]).toEqual([sent, "1"]);
      expect(response.headers.get("vary")).toBe("accept-encoding");
    }
  });

  it.each(["/.source-hash", "/missing.js", "/%2e%2e/package.json", "/_expo/../index.html/", "/home"])(
    "has no %s",
    async (path) => {
      expect((await fetch(url + path)).status).toBe(404);
    },
  );

  it("answers nothing but GET and HEAD", async () => {
    expect((await fetch(url, { method: "POST" })).status).toBe(405);
    expect(await (await fetch(url, { method: "HEAD" })).text()).toBe("");
  });

  it("goes on with the build that it began with", async () => {
    writeFileSync(join(dist, "index.html"), "later");
    expect(await (await fetch(url)).text()).toBe("<!DOCTYPE html>");
  });

  it("is healthy when there is something to serve, and does not start without", async () => {
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });
    const options = { port, platformUrl: url, sandboxUrl: null };
    await expect(startWalletServer({ ...options, distDirectory: dist })).rejects.toThrow("EADDRINUSE");
    const empty = join(dist, "_expo");
    await expect(startWalletServer({ ...options, distDirectory: empty })).rejects.toThrow("has not been built");
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
