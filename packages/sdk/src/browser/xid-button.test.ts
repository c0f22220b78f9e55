import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const executable = (process.env.PATH ?? "")
  .split(":")
  .flatMap((folder) => [`${folder}/chromium`, `${folder}/google-chrome`])
  .find((path) => existsSync(path));
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];

const page = (language: string) => `<!doctype html><html lang="${language}"><title>RP</title>
<script type="module" src="/xid-button.js"></script>
<xid-button id="sign-in"><a href="/sign-in">xIDでログイン</a></xid-button>
<xid-button id="open" action="open-account" size="small" appearance="outlined" href="/open"></xid-button>
<xid-button id="english" action="verify" lang="en" size="medium" wide href="/verify"></xid-button>`;

/** Every appearance, size and language. */
const all = `<!doctype html><html lang="ja"><title>RP</title><script type="module" src="/xid-button.js"></script><main><h1>xID</h1>${[
  "sign-in",
  "open-account",
]
  .flatMap((action) => ["ja", "en"].map((lang) => ({ action, lang })))
  .flatMap((one) => ["large", "medium", "small"].map((size) => ({ ...one, size })))
  .flatMap((one) => ["filled", "outlined"].map((appearance) => ({ ...one, appearance })))
  .map(
    ({ action, lang, size, appearance }, index) =>
      `<p><xid-button action="${action}" lang="${lang}" size="${size}" appearance="${appearance}" href="/${index}"></xid-button></p>`,
  )
  .join("")}</main>`;

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

describe.skipIf(!executable)("the button in Chromium (needs the package chromium)", () => {
  let server: Server;
  let browser: Browser;
  let origin: string;

  beforeAll(async () => {
    const script = readFileSync(new URL("./xid-button.js", import.meta.url));
    server = createServer((request, response) => {
      const isScript = request.url === "/xid-button.js";
      response.setHeader("content-type", isScript ? "text/javascript" : "text/html; charset=utf-8");
      response.setHeader(
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; require-trusted-types-for 'script'",
      );
      if (isScript) return response.end(script);
      response.end(request.url === "/all" ? all : page(request.url === "/english" ? "en-GB" : "ja"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await chromium.launch({ executablePath: executable!, args: flags });
  });
  afterAll(async () => {
    await browser?.close();
    await new Promise((resolve) => server.close(resolve));
  });

  async function open(path = "/", options: { javaScriptEnabled?: boolean } = {}) {
    const tab = await browser.newPage(options);
    const complaints: string[] = [];
    tab.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("favicon")) complaints.push(message.text());
    });
    await tab.goto(origin + path);
    return { tab, complaints };
  }

  const link = (tab: Page, name: string) => tab.getByRole("link", { name, exact: true });

  it("is a link with a name in the page's language, or its own", async () => {
    const { tab } = await open();
    expect(await link(tab, "xIDでログイン").getAttribute("href")).toBe("/sign-in");
    expect(await link(tab, "xIDで口座開設").getAttribute("href")).toBe("/open");
    expect(await link(tab, "Verify with xID").getAttribute("lang")).toBe("en");
    await tab.close();
    const english = await open("/english");
    expect(await link(english.tab, "Sign in with xID").count()).toBe(1);
    await english.tab.close();
  });

  it("is styled under a policy that allows no inline style, and draws no complaint", async () => {
    const { tab, complaints } = await open();
    const filled = link(tab, "xIDでログイン");
    expect(await filled.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe("rgb(0, 23, 193)");
    expect((await filled.boundingBox())!.height).toBe(56);
    expect((await link(tab, "Verify with xID").boundingBox())!.height).toBe(48);
    expect((await link(tab, "xIDで口座開設").boundingBox())!.height).toBe(36);
    expect(complaints).toEqual([]);
    await tab.close();
  });

  it("is reached and followed by keyboard", async () => {
    const { tab } = await open();
    await tab.keyboard.press("Tab");
    expect(await link(tab, "xIDでログイン").evaluate((element) => element.matches(":focus-visible"))).toBe(true);
    await tab.keyboard.press("Enter");
    await tab.waitForURL("**/sign-in");
    await tab.close();
  });

  it("follows a change of language and address", async () => {
    const { tab } = await open();
    await tab.locator("#open").evaluate((element) => {
      element.setAttribute("lang", "en");
      element.setAttribute("href", "/elsewhere");
    });
    expect(await link(tab, "Open an account with xID").getAttribute("href")).toBe("/elsewhere");
    await tab.close();
  });

  it("has nothing that axe finds fault with, in every size, appearance and language", async () => {
    const { tab } = await open("/all");
    expect(await tab.getByRole("link").count()).toBe(24);
    await tab.evaluate(readFileSync(axePath, "utf8"));
    const { violations } = await tab.evaluate(() =>
      (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } }).axe.run(),
    );
    expect(violations.map(({ id }) => id)).toEqual([]);
    await tab.close();
  });

  it("keeps an edge, its colours apart and a visible focus where the system chooses the colours", async () => {
    const { tab } = await open();
    await tab.emulateMedia({ forcedColors: "active" });
    const filled = link(tab, "xIDでログイン");
    await tab.keyboard.press("Tab");
    const seen = await filled.evaluate((element) => {
      const { borderTopColor, backgroundColor, color, outlineStyle } = getComputedStyle(element);
      const mark = getComputedStyle(element.querySelector("svg")!).fill;
      return { borderTopColor, backgroundColor, color, outlineStyle, mark };
    });
    expect(seen.borderTopColor).not.toBe(seen.backgroundColor);
    expect(seen.color).not.toBe(seen.backgroundColor);
    expect(seen.mark).toBe(seen.color);
    expect(seen.outlineStyle).toBe("solid");
    await tab.close();
  });

  it("moves nothing, so there is nothing to reduce", async () => {
    const { tab } = await open("/all");
    const moving = await tab.getByRole("link").evaluateAll((links) =>
      links.filter((element) => {
        const { transitionDuration, animationName } = getComputedStyle(element);
        return transitionDuration !== "0s" || animationName !== "none";
      }),
    );
    expect(moving).toEqual([]);
    await tab.close();
  });

  it("has a touch area of 44 px where it is small, and wraps where there is no room", async () => {
    const { tab } = await open();
    const small = link(tab, "xIDで口座開設");
    const { height } = (await small.boundingBox())!;
    const reach = await small.evaluate((element) => Number.parseFloat(getComputedStyle(element, "::after").height));
    expect([height, reach]).toEqual([36, 44]);
    await tab.setViewportSize({ width: 160, height: 600 });
    const box = (await link(tab, "xIDでログイン").boundingBox())!;
    expect(box.x + box.width).toBeLessThanOrEqual(160);
    await tab.close();
  });

  it("leaves the plain link where no script runs", async () => {
    const { tab } = await open("/", { javaScriptEnabled: false });
    await link(tab, "xIDでログイン").click();
    await tab.waitForURL("**/sign-in");
    await tab.close();
  });
});
