import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPlaces } from "../places.ts";
import { freePortBase } from "../test-xid.ts";
import { startStartPage } from "./server.ts";
import type { Status } from "./status.ts";

const status: Status = {
  ready: false,
  parts: [
    { name: "wallet", url: "http://localhost:4002", state: "building", detail: "42 %" },
    { name: "server", url: "http://localhost:4001", state: "failed", detail: 'says <script>"&' },
  ],
  residents: [
    {
      id: "hanako",
      persona: "default",
      name: "山田　<b>花子",
      pins: { signature: "ABC123", authentication: "1234", text: "5678" },
    },
  ],
  residentCount: 3,
};

let url: string;
let page: { close(): Promise<void> };
beforeAll(async () => {
  const port = await freePortBase();
  url = `http://localhost:${port}`;
  const places = readPlaces({ "port-base": String(port), data: tmpdir() }, {});
  page = await startStartPage({ port, places, status: async () => status });
});
afterAll(() => page.close());

describe("the start page", () => {
  it("shows parts, residents and their PINs, and nothing unescaped", async () => {
    const html = await (await fetch(url)).text();
    expect(html).toContain("42 %");
    expect(html).toContain("says &lt;script&gt;&quot;&amp;");
    expect(html).toContain("山田　&lt;b&gt;花子");
    expect(html).toContain("<code>ABC123</code>");
    expect(html).toContain("全3人");
  });

  it("names the seven services with examples that are there, the API's reference and the error book", async () => {
    const html = await (await fetch(url)).text();
    const examples = [...html.matchAll(/<dd><code>(docs\/examples\/[\w-]+\.ts)</g)].map(([, path]) => path!);
    expect(examples).toHaveLength(7);
    for (const path of examples) expect(existsSync(new URL(`../../../../${path}`, import.meta.url)), path).toBe(true);
    for (const path of ["docs", "errors", "openapi.json"]) expect(html).toMatch(new RegExp(`href="[^"]+/v1/${path}"`));
  });

  it("loads nothing from elsewhere, and runs only its own script", async () => {
    const response = await fetch(url);
    const policy = response.headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const html = await response.text();
    expect(html).not.toMatch(/<script(?! src="\/start-page\.js")|style="|\son\w+=/);
    for (const [, path] of html.matchAll(/(?:src|href)="(\/[^"]*)"/g)) {
      expect((await fetch(url + path)).status).toBe(200);
    }
  });

  it("tells its state as JSON", async () => {
    expect(await (await fetch(`${url}/status.json`)).json()).toEqual(status);
  });

  it("serves nothing else", async () => {
    for (const path of ["/page.ts", "/..%2fpage.ts", "/constructor"]) {
      expect((await fetch(url + path)).status).toBe(404);
    }
    expect((await fetch(url, { method: "POST" })).status).toBe(405);
  });
});
