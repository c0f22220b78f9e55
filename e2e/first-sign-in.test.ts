import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { chromiumPath, desktop, launchBrowser, phone, picture, watchOffences } from "./browser.ts";
import { keepMeasure } from "./measures.ts";
import { readQrCode } from "./qr-reader.ts";
import { createResident, element, enrol, type Resident, setUpApp, unlock } from "./resident.ts";

describe.skipIf(!chromiumPath)("a resident and the demo bank", () => {
  const places = inject("places");
  let browser: Browser;
  let resident: Resident;

  beforeAll(async () => {
    browser = await launchBrowser();
    resident = await createResident();
  });
  afterAll(() => browser?.close());

  async function expectVerifiedData(page: Page): Promise<void> {
    await element(page, "customer-name").waitFor();
    expect(await element(page, "customer-name").innerText()).toContain(resident.name);
    expect(await element(page, "customer-address").innerText()).toContain(resident.address);
    const [year, month, day] = resident.birthdate.split("-").map(Number);
    expect(await element(page, "customer-birthdate").innerText()).toContain(`${year}年${month}月${day}日`);
    expect(await element(page, "customer-gender").innerText()).toContain(
      { male: "男性", female: "女性", unknown: "不明" }[resident.gender],
    );
  }

  /** Reads the code off the other screen; when this machine was slower than the code lives, reads the next one. */
  async function scan(app: Page, screen: Page): Promise<void> {
    const compare = element(app, "screen-request-compare");
    const tooLate = element(app, "problem-scan");
    for (let attempt = 1; attempt <= 10; attempt++) {
      await element(app, "scan-text").fill(await readQrCode(screen));
      await element(app, "scan-text-continue").click();
      await compare.or(tooLate).waitFor();
      if (await compare.isVisible()) return;
      await tooLate.click();
    }
    throw new Error("no code was read in time");
  }

  it("opens an account with the card, then signs in with one touch, on a phone and on a desktop with the phone", async () => {
    const onPhone = await browser.newContext(phone);
    const phoneOffences = watchOffences(onPhone);
    const page = await onPhone.newPage();

    await page.goto(places.bank);
    await picture(page, "01-bank");
    await element(page, "open-account").click();
    await page.locator("#open-app").waitFor();
    await picture(page, "02-sign-in-page-phone");
    await page.locator("#open-app").click();

    await element(page, "screen-welcome").waitFor();
    await picture(page, "03-app-welcome");
    await setUpApp(page);
    await element(page, `card-person-${resident.id}`).waitFor();
    await picture(page, "04-app-card");
    await enrol(page, resident);

    await element(page, "request-approve").waitFor();
    expect(await element(page, "request-domain").innerText()).toContain("localhost");
    await picture(page, "05-app-consent");
    await element(page, "request-approve").click();
    await expectVerifiedData(page);
    await picture(page, "06-bank-opened");

    await element(page, "sign-out").first().click();
    await element(page, "sign-in").first().click();
    await page.locator("#open-app").click();
    await unlock(page);
    await element(page, "request-approve").waitFor();
    await picture(page, "07-app-sign-in");
    const approvedAt = performance.now();
    await element(page, "request-approve").click();
    await expectVerifiedData(page);
    keepMeasure("approval to bank page, same device (ms)", performance.now() - approvedAt);
    await picture(page, "08-bank-signed-in");

    const onDesktop = await browser.newContext(desktop);
    const desktopOffences = watchOffences(onDesktop);
    const screen = await onDesktop.newPage();
    await screen.goto(places.bank);
    await picture(screen, "09-bank-desktop");
    await element(screen, "sign-in").first().click();
    await screen.locator("#qr svg, #qr canvas, #qr img").first().waitFor();
    await picture(screen, "10-sign-in-page-desktop");

    const app = await onPhone.newPage();
    await app.goto(places.app);
    await unlock(app);
    await element(app, "home-scan").click();
    await scan(app, screen);
    await screen.getByText("読み取りました", { exact: false }).first().waitFor();
    const checkNumber = (await element(app, "request-check-number").innerText()).trim();
    expect(await screen.locator("body").innerText()).toContain(checkNumber);
    await picture(screen, "11-sign-in-page-scanned");
    await picture(app, "12-app-compare");
    await element(app, "request-compare-yes").click();
    await element(app, "request-approve").click();
    await expectVerifiedData(screen);
    await picture(screen, "13-bank-desktop-signed-in");
    await element(app, "screen-request-done").waitFor();
    await picture(app, "14-app-done");

    expect(phoneOffences).toEqual([]);
    expect(desktopOffences).toEqual([]);
  }, 300_000);
});
