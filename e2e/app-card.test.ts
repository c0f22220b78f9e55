import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { chromiumPath, launchBrowser, phone, picture, watchOffences } from "./browser.ts";
import {
  chooseCard,
  createResident,
  element,
  enrol,
  happens,
  type Resident,
  setUpApp,
  typePassword,
  unlock,
} from "./resident.ts";

describe.skipIf(!chromiumPath)("reading a card that does not go through", () => {
  const places = inject("places");
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  /** A new phone whose app has a PIN and waits for a card. */
  async function newPhone(): Promise<{ page: Page; offences: string[] }> {
    const context = await browser.newContext(phone);
    const offences = watchOffences(context);
    const page = await context.newPage();
    await page.goto(places.app);
    await setUpApp(page);
    return { page, offences };
  }
  const problemOn = async (page: Page) => {
    await element(page, "problem-code").waitFor();
    return element(page, "problem-code").getAttribute("data-code");
  };
  const triesLeft = async (resident: Resident) => {
    const person = await fetch(`${places.sandbox}/api/people/${resident.id}`);
    return ((await person.json()) as { card: { triesLeft: { signature: number } } }).card.triesLeft.signature;
  };

  it("tells after each wrong password how many tries are left, asks before the last, and blocks after it", async () => {
    const resident = await createResident();
    const { page, offences } = await newPhone();
    await chooseCard(page, resident, "WRONG123");
    for (const left of [4, 3, 2]) {
      await element(page, "card-tap").click();
      expect(await problemOn(page)).toBe("PIN_WRONG");
      expect(await element(page, "screen-card-problem").innerText()).toContain(`${left}回`);
      expect(await triesLeft(resident)).toBe(left);
      if (left === 4) await picture(page, "20-app-wrong-password");
      await element(page, "card-password-again").click();
      await typePassword(page, "WRONG123");
    }
    await element(page, "card-tap").click();
    await element(page, "screen-card-last-try").waitFor();
    expect(await triesLeft(resident)).toBe(1);
    await picture(page, "21-app-last-try");
    await element(page, "card-last-try-confirm").click();
    await typePassword(page, "WRONG123");
    await element(page, "card-tap").click();
    expect(await problemOn(page)).toBe("PIN_BLOCKED");
    expect(await triesLeft(resident)).toBe(0);
    await picture(page, "22-app-blocked");
    expect(offences).toEqual([]);
  });

  it("goes on after the card was taken away in the middle, without a second VERIFY", async () => {
    const resident = await createResident();
    const { page } = await newPhone();
    await chooseCard(page, resident);
    await fetch(`${places.sandbox}/api/faults`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ kind: "card-torn", person: resident.id, apdu: 4, count: 1 }),
    });
    await element(page, "card-tap").click();
    expect(await problemOn(page)).toMatch(/^CARD_LOST/);
    await picture(page, "23-app-card-lost");
    expect(await triesLeft(resident)).toBe(5);
    await element(page, "card-retry").click();
    await element(page, "card-tap").click();
    await element(page, "card-done-continue").click();
    await element(page, "screen-home").waitFor();
    await picture(page, "24-app-home");
  });

  it.each([
    ["certificate-revoked", "CERTIFICATE_REVOKED"],
    ["certificate-expired", "CERTIFICATE_EXPIRED"],
  ])("refuses the card of %s and says what to do", async (persona, code) => {
    const resident = await createResident(persona);
    const { page } = await newPhone();
    await chooseCard(page, resident);
    await element(page, "card-tap").click();
    expect(await problemOn(page)).toBe(code);
    await picture(page, `25-app-${persona}`);
  });

  it("refuses another person's card on a device that is enrolled", async () => {
    const [resident, stranger] = [await createResident(), await createResident()];
    const { page } = await newPhone();
    await enrol(page, resident);
    await element(page, "home-settings").click();
    await element(page, "settings-read-card").click();
    await chooseCard(page, stranger);
    await element(page, "card-tap").click();
    expect(await problemOn(page)).toBe("OTHER_PERSON");
    await picture(page, "26-app-other-person");
  });

  it("lists the linked services, and unlinks one", async () => {
    const resident = await createResident();
    const { page, offences } = await newPhone();
    await enrol(page, resident);
    await page.goto(places.bank);
    await element(page, "open-account").click();
    await page.locator("#open-app").click();
    await unlock(page);
    await element(page, "request-approve").click();
    await element(page, "customer-name").waitFor();

    await page.goto(places.app);
    await unlock(page);
    await element(page, "home-services").click();
    const unlink = page.locator('[data-testid^="service-unlink-"]');
    await unlink.waitFor();
    await picture(page, "27-app-services");
    await unlink.click();
    await element(page, "unlink-confirm").click();
    await unlink.waitFor({ state: "detached" });
    expect(offences).toEqual([]);
  });

  it("asks for the card again after a move, and goes on with the new address", async () => {
    const resident = await createResident();
    const { page } = await newPhone();
    await enrol(page, resident);
    await happens(resident, { type: "move", address: "高松市" });
    await page.goto(places.bank);
    await element(page, "open-account").click();
    await page.locator("#open-app").click();
    await unlock(page);
    expect(await problemOn(page)).toBe("CERTIFICATE_REVOKED");
    await picture(page, "28-app-moved");
    const moved = await happens(resident, { type: "reissue-signature" });
    await element(page, "problem-read-card").click();
    await chooseCard(page, moved);
    await element(page, "card-tap").click();
    await element(page, "card-done-continue").click();
    await element(page, "request-approve").click();
    await element(page, "customer-address").waitFor();
    expect(await element(page, "customer-address").innerText()).toContain(moved.address);
  });
});
