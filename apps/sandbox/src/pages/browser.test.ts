import { existsSync } from "node:fs";
import { JpkiApplication } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestWorld, type TestWorld } from "../test-world.ts";
import { foundTown } from "../town/found.ts";

const executable = (process.env.PATH ?? "")
  .split(":")
  .flatMap((folder) => [`${folder}/chromium`, `${folder}/google-chrome`])
  .find((path) => existsSync(path));
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];

describe.skipIf(!executable)("the city office in Chromium (needs the package chromium)", () => {
  let sandbox: TestWorld;
  let browser: Browser;
  let pages: string[];

  beforeAll(async () => {
    sandbox = await startTestWorld();
    const { id, pins } = await sandbox.register("default");
    await sandbox.happen(id, { type: "get-phone" });
    await sandbox.happen(id, { type: "move", address: "高松市" });
    await sandbox.happen(id, { type: "reissue-signature" });
    await sandbox.happen(id, { type: "marriage", at: "2035-01-01" });
    await sandbox.happen(id, { type: "birth" });
    const longest = await sandbox.register("long-foreign-name");
    await sandbox.happen(longest.id, { type: "lose-card" });
    const blocked = await sandbox.register("password-blocked");
    sandbox.world.faults.set({ kind: "card-torn", person: blocked.id, apdu: 3, carriedOut: false, count: 1 });
    const jpki = await JpkiApplication.select(await new HttpCardReader(sandbox.url).connect(id));
    await jpki.verifyPin("signature", "WRONG99").catch(() => undefined);
    await jpki.verifyPin("signature", pins.signature);
    foundTown(sandbox.world, { residents: 100, seed: 1 });
    const timeline = (await (await fetch(`${sandbox.url}/api/people/${id}/timeline`)).json()) as {
      id: number;
      type: string;
      child?: string;
    }[];
    const move = timeline.find(({ type }) => type === "move")!.id;
    const { child } = timeline.find(({ type }) => type === "birth")!;
    pages = [
      "/",
      "/?q=nobody",
      "/people/new",
      `/people/${id}`,
      `/people/${id}/counter?event=${move}`,
      `/people/${id}/timeline`,
      `/people/${id}/card-log`,
      `/people/${child}`,
      `/people/${longest.id}`,
      `/people/${blocked.id}/card-log`,
      "/clock",
      "/clock?by=P5Y",
      "/faults",
      "/town",
      "/authorities",
    ];
    browser = await chromium.launch({ executablePath: executable!, args: flags });
  });
  afterAll(async () => {
    await browser?.close();
    sandbox.close();
  });

  /** WCAG 2.2 A and AA by axe with everything unfolded, no sideways scrolling. */
  async function faultsOf(page: Page): Promise<string[]> {
    await page.evaluate(`for (const details of document.querySelectorAll("details")) {
      details.removeAttribute("name");
      details.open = true;
    }`);
    await page.evaluate(axe.source);
    const found = (await page.evaluate("axe.run()")) as axe.AxeResults;
    const violations = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    const root = (await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")) as [number, number];
    return root[0] > root[1] ? [...violations, `${root[0]} pixels wide`] : violations;
  }

  it.each([
    ["ja", 1280],
    ["en", 390],
  ])(
    "every page is accessible and fits: %s at %i pixels",
    async (language, width) => {
      // Colours are judged as they stay, not while they change.
      const still = { reducedMotion: "reduce" } as const;
      const context = await browser.newContext({ viewport: { width, height: 800 }, locale: "ja-JP", ...still });
      const offences: string[] = [];
      context.on("request", (request) => {
        if (!request.url().startsWith(sandbox.url)) offences.push(`request to ${request.url()}`);
      });
      context.on("console", (message) => {
        if (message.type() === "error") offences.push(message.text());
      });
      const page = await context.newPage();
      await page.goto(`${sandbox.url}/?lang=${language}`);
      for (const path of pages) {
        await page.goto(sandbox.url + path);
        expect({ path, faults: await faultsOf(page) }).toEqual({ path, faults: [] });
      }
      expect(offences).toEqual([]);
      await context.close();
    },
    120_000,
  );

  it("a clerk does everything with the keyboard, and with scripts switched off", async () => {
    const context = await browser.newContext({ locale: "ja-JP", javaScriptEnabled: false });
    const page = await context.newPage();
    const { id } = await sandbox.register("default");
    await page.goto(`${sandbox.url}/people/${id}/counter`);
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").innerText()).toBe("本文へ移動");
    await page.locator("summary", { hasText: "引っ越し" }).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.type("高松市");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "変わったこと" }).waitFor();
    expect(await page.locator(".changes").innerText()).toContain("香川県高松市");
    await context.close();
  });
});
