import { signIn } from "@xid/sdk/testing";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { chromiumPath, desktop, launchBrowser, phone, picture, watchOffences } from "./browser.ts";
import { enrolledResident, everything } from "./headless.ts";
import { createResident, element, enrol, setUpApp, unlock } from "./resident.ts";

const places = inject("places");

/** The account page comes, or the bank's front page to somebody whom it does not know. */
async function expectSignedOut(page: Page): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    await page.goto(`${places.bank}/account`);
    if (new URL(page.url()).pathname === "/") return;
    await page.waitForTimeout(200);
  }
  throw new Error("the bank still has the person signed in");
}

describe.skipIf(!chromiumPath)("signing out in the app", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it("ends the bank's session, at one service and everywhere", async () => {
    const context = await browser.newContext(phone);
    const offences = watchOffences(context);
    const page = await context.newPage();
    const resident = await createResident();
    await page.goto(places.app);
    await setUpApp(page);
    await enrol(page, resident);
    const signInAtBank = async (button: "open-account" | "sign-in") => {
      await page.goto(places.bank);
      await element(page, button).first().click();
      await page.locator("#open-app").click();
      await unlock(page);
      await element(page, "request-approve").click();
      await element(page, "customer-name").waitFor();
    };
    const openServices = async () => {
      await page.goto(places.app);
      await unlock(page);
      await element(page, "home-services").click();
    };

    await signInAtBank("open-account");
    await openServices();
    const here = page.locator('[data-testid^="service-sign-out-"]');
    await here.waitFor();
    await picture(page, "60-app-services-signed-in");
    await here.click();
    await here.waitFor({ state: "detached" });
    await picture(page, "61-app-services-signed-out");
    await expectSignedOut(page);

    await signInAtBank("sign-in");
    await openServices();
    await element(page, "services-sign-out-everywhere").click();
    await element(page, "services-sign-out-everywhere").waitFor({ state: "detached" });
    await expectSignedOut(page);
    await picture(page, "62-bank-signed-out");
    expect(offences).toEqual([]);
  });

  it("reaches a desktop that the phone signed in, by the command line as well", async () => {
    const { resident, wallet } = await enrolledResident(places, places.data);
    const context = await browser.newContext(desktop);
    const page = await context.newPage();
    // The browser begins; the headless wallet approves, and its callback is opened in the browser.
    const begun = await context.request.get(`${places.bank}/open/start`, { maxRedirects: 0 });
    await page.goto(await signIn(wallet, begun.headers().location!, everything));
    await element(page, "customer-name").waitFor();
    expect(await element(page, "customer-name").innerText()).toContain(resident.name);
    expect(await wallet.signOut()).toEqual({ ended: 1 });
    await expectSignedOut(page);
  });
});
