import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { chromiumPath, launchBrowser, phone, picture, watchOffences } from "./browser.ts";
import { RelyingParty } from "./relying-party.ts";
import { appPin, createResident, element, enrol, setUpApp, unlock } from "./resident.ts";

describe.skipIf(!chromiumPath)("the app's windows and links", () => {
  const places = inject("places");
  /** Where the services' answers go: any page that is there. */
  const back = `${places.bank}/`;
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  async function newPhone() {
    const context = await browser.newContext(phone);
    const offences = watchOffences(context);
    /** The link to the app on the sign-in page of a relying party with this name. */
    const requestLink = async (clientName: string) => {
      const party = await RelyingParty.register(places.platform, { client_name: clientName, redirect_uris: [back] });
      const page = await context.newPage();
      await page.goto(party.authorization({ redirect_uri: back }).url);
      const link = (await page.locator("#open-app").getAttribute("href"))!;
      await page.close();
      return link;
    };
    return { context, page: await context.newPage(), offences, requestLink };
  }
  const consentTitle = async (page: Page) => {
    await element(page, "screen-request-consent").waitFor();
    return page.getByRole("heading", { level: 1 }).innerText();
  };

  const leaveForService = (page: Page) => page.waitForURL((url) => url.href.startsWith(back));

  it("lets one window set the app PIN; the other has to know it", async () => {
    const resident = await createResident();
    const { context, page, offences } = await newPhone();
    const second = await context.newPage();
    for (const window of [page, second]) {
      await window.goto(places.app);
      await element(window, "welcome-continue").click();
      await element(window, "pin-new").waitFor();
    }
    await page.bringToFront();
    await page.reload();
    await setUpApp(page);
    await element(page, "screen-card-prepare").waitFor();
    await second.bringToFront();
    await element(second, "pin-new").fill("161803");
    await element(second, "pin-new-continue").click();
    await element(second, "pin-repeat").fill("161803");
    await element(second, "pin-repeat-continue").click();
    await element(second, "lock-pin-taken").waitFor();
    await picture(second, "30-app-pin-taken");
    await element(second, "unlock-pin").fill("161803");
    await element(second, "unlock-pin-continue").click();
    await second.getByText("あと4回", { exact: false }).waitFor();
    // What the first window does meanwhile is known here once it is unlocked.
    await page.bringToFront();
    await enrol(page, resident);
    await second.bringToFront();
    await element(second, "unlock-pin").fill(appPin);
    await element(second, "unlock-pin-continue").click();
    await element(second, "home-name").waitFor();
    expect(offences).toEqual([]);
  });

  it("goes on with a service's request after it was loaded anew in the middle of the registration", async () => {
    const resident = await createResident();
    const { page, offences, requestLink } = await newPhone();
    await page.goto(await requestLink("みなと保険"));
    await element(page, "welcome-continue").waitFor();
    await page.reload();
    await page.getByText("サービスからの依頼を受け取っています", { exact: false }).waitFor();
    await setUpApp(page);
    await element(page, "screen-card-prepare").waitFor();
    await page.reload();
    await page.getByText("サービスからの依頼が届いています", { exact: false }).waitFor();
    await unlock(page);
    await enrol(page, resident);
    expect(await consentTitle(page)).toContain("みなと保険");
    await page.reload();
    await unlock(page);
    await element(page, "request-decline").click();
    await leaveForService(page);
    await page.goto(places.app);
    await unlock(page);
    await element(page, "screen-home").waitFor();
    expect(offences).toEqual([]);
  });

  it("keeps the request on the screen when another arrives, and leads to that one when asked", async () => {
    const resident = await createResident();
    const { page, offences, requestLink } = await newPhone();
    await page.goto(places.app);
    await setUpApp(page);
    await enrol(page, resident);
    const [first, second] = [await requestLink("みなと保険"), await requestLink("やまびこ証券")];
    await page.goto(first);
    await unlock(page);
    await element(page, "consent-item-address").waitFor();
    // In an open window only the fragment changes.
    await page.goto(second);
    await element(page, "request-other").waitFor();
    expect(await consentTitle(page)).toContain("みなと保険");
    expect(await element(page, "request-other").innerText()).toContain("みなと保険");
    await element(page, "request-other-show").scrollIntoViewIfNeeded();
    await picture(page, "31-app-other-request");
    await element(page, "request-other-show").click();
    await page.getByRole("heading", { name: "やまびこ証券" }).waitFor();
    await picture(page, "32-app-other-request-shown");
    // The answer leads to that service; the other request still waits here.
    await element(page, "request-decline").click();
    await leaveForService(page);
    await page.goto(places.app);
    await unlock(page);
    await page.getByRole("heading", { name: "みなと保険" }).waitFor();
    expect(await element(page, "request-other").isVisible()).toBe(false);
    expect(offences).toEqual([]);
  });
});
