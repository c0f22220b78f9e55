import { measureScripts } from "@xid/wallet/build";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { chromiumPath, launchBrowser, phone, picture, watchOffences } from "./browser.ts";
import { keepMeasure } from "./measures.ts";
import { createResident, element, enrol, setUpApp } from "./resident.ts";

describe("the parts of the xID app", () => {
  it("weigh at most 350 KB at first, compressed", () => {
    const { first, all } = measureScripts();
    keepMeasure("app, bytes at first", first);
    keepMeasure("app, bytes of all parts", all);
    expect(first).toBeLessThanOrEqual(350_000);
    expect(all).toBeGreaterThan(first);
  });
});

describe.skipIf(!chromiumPath)("a part of the xID app that is not there yet", () => {
  const places = inject("places");
  const part = "**/_expo/static/js/web/scan-screen-*.js";
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it("is loaded when it is needed, can be tried again after a failure, and needs no network any more", async () => {
    const resident = await createResident();
    const context = await browser.newContext(phone);
    const offences = watchOffences(context);
    const page = await context.newPage();
    await page.goto(places.app);
    await setUpApp(page);
    await enrol(page, resident);
    await element(page, "home-name").waitFor();
    await context.route(part, (route) => route.abort("internetdisconnected"));
    await element(page, "home-scan").click();
    await element(page, "screen-part-failed").waitFor();
    await picture(page, "26-app-part-failed");
    await element(page, "part-retry").click();
    await element(page, "screen-part-failed").waitFor();
    await element(page, "back").click();
    await element(page, "home-name").waitFor();
    await context.unroute(part);
    await element(page, "home-scan").click();
    await element(page, "screen-scan").waitFor();
    await element(page, "back").click();
    await context.route(part, (route) => route.abort("internetdisconnected"));
    await element(page, "home-scan").click();
    await element(page, "screen-scan").waitFor();
    expect(offences).toEqual([]);
    await context.close();
  });

  it("is told from code of somebody else, which the page does not take", async () => {
    const page = await browser.newPage();
    await page.goto(places.app);
    const refused = await page.evaluate(() => {
      const script = document.createElement("script");
      try {
        script.src = "https://evil.example/_expo/static/js/web/scan-screen.js";
        return null;
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(refused).toBe("TypeError");
    await page.close();
  });
});
