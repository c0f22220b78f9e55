import { existsSync, mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServerType, serve } from "@hono/node-server";
import { createXid, fileStore } from "@xid/sdk/server";
import { startTestProvider, type TestProvider } from "@xid/sdk/testing";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "./app.ts";
import { Customers } from "./customers.ts";

const executable = (process.env.PATH ?? "")
  .split(":")
  .flatMap((folder) => [`${folder}/chromium`, `${folder}/google-chrome`])
  .find((path) => existsSync(path));
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];

describe.skipIf(!executable)("the pages in Chromium (needs the package chromium)", () => {
  let provider: TestProvider;
  let server: ServerType;
  let customers: Customers;
  let browser: Browser;
  let directory: string;
  let url: string;

  beforeAll(async () => {
    provider = await startTestProvider();
    provider.person.claims = {
      name: "アレクサンドリーナ　クリスティーナヴィクトリアマリア",
      birthdate: "1990-01-31",
      gender: "female",
      address: { formatted: "東京都千代田区霞が関２丁目１番３号さくらハイツ１０１号室", country: "JP" },
    };
    directory = mkdtempSync(join(tmpdir(), "bank-"));
    customers = new Customers(":memory:");
    const app = { fetch: (_request: Request): Response | Promise<Response> => new Response() };
    server = serve({ fetch: (request) => app.fetch(request), port: 0, hostname: "127.0.0.1" });
    await new Promise<void>((resolve) => server.once("listening", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const xid = createXid({
      issuer: provider.issuer,
      redirectUri: `${url}/callback`,
      store: fileStore(join(directory, "client.json")),
      registration: { name: "はるかぜ銀行", purpose: { ja: "本人確認", en: "Identification" } },
    });
    app.fetch = createApp({ url, xid, customers, clock: Date.now, log: () => undefined }).fetch;
    browser = await chromium.launch({ executablePath: executable!, args: flags });
  });
  afterAll(async () => {
    await browser?.close();
    await new Promise((resolve) => server.close(resolve));
    customers.close();
    await provider.close();
    rmSync(directory, { recursive: true });
  });

  /** WCAG 2.2 A and AA by axe, no sideways scrolling. */
  async function inspect(page: Page): Promise<void> {
    await page.evaluate(axe.source);
    const found = await page.evaluate(async () => {
      const { axe } = window as unknown as { axe: typeof import("axe-core") };
      const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
      const { violations } = await axe.run({ runOnly: tags });
      const sideways = document.documentElement.scrollWidth - window.innerWidth;
      return { violations: violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`), sideways };
    });
    expect(found, page.url()).toEqual({ violations: [], sideways: 0 });
  }

  for (const width of [1366, 390, 320]) {
    it(`can be used by everyone at ${width} px, and loads nothing from elsewhere`, async () => {
      const context = await browser.newContext({ viewport: { width, height: 800 } });
      const page = await context.newPage();
      const complaints: string[] = [];
      const elsewhere: string[] = [];
      page.on("console", (message) => {
        if (message.type() !== "log" && !/status of 40\d/.test(message.text())) complaints.push(message.text());
      });
      page.on("request", (request) => {
        const { origin } = new URL(request.url());
        if (origin !== url && origin !== provider.issuer) elsewhere.push(request.url());
      });

      for (const language of ["en", "ja"]) {
        await page.goto(`${url}/language?to=${language}&from=/`);
        await inspect(page);
        await page.goto(`${url}/open`);
        await inspect(page);
        await page.goto(`${url}/callback`);
        await inspect(page);
      }
      await page.goto(url);
      await page.getByTestId("open-account").click();
      await page.waitForURL(/\/open\/complete|\/account/);
      await inspect(page);
      await page.getByTestId("my-data").click();
      await page.getByTestId("account-number").waitFor();
      await inspect(page);
      await page.getByTestId("sign-out").click();
      await page.waitForURL(`${url}/signed-out`);
      await inspect(page);
      await page.getByTestId("sign-in").click();
      await page.waitForURL(`${url}/account`);
      expect(await page.getByTestId("customer-name").textContent()).toBe(provider.person.claims.name);
      expect({ complaints, elsewhere }).toEqual({ complaints: [], elsewhere: [] });
      await context.close();
    });
  }
});
