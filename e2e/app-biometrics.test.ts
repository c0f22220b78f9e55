import type { Browser, CDPSession } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { chromiumPath, launchBrowser, phone, watchOffences } from "./browser.ts";
import { createResident, element, enrol, setUpApp, unlock } from "./resident.ts";

describe.skipIf(!chromiumPath)("the device's own authenticator", () => {
  const places = inject("places");
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it("unlocks the app by WebAuthn; when it does not verify its holder the app PIN still does", async () => {
    const resident = await createResident();
    const context = await browser.newContext(phone);
    const offences = watchOffences(context);
    const page = await context.newPage();
    const session: CDPSession = await context.newCDPSession(page);
    await session.send("WebAuthn.enable");
    const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });

    await page.goto(places.app);
    await setUpApp(page, { biometrics: true });
    await enrol(page, resident);
    await element(page, "screen-home").waitFor();
    await page.reload();
    await element(page, "unlock-biometrics").click();
    await element(page, "screen-home").waitFor();
    const { credentials } = await session.send("WebAuthn.getCredentials", { authenticatorId });
    expect(credentials).toHaveLength(1);

    await session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
    await page.reload();
    await element(page, "unlock-biometrics").click();
    await element(page, "unlock-pin").waitFor();
    expect(await element(page, "screen-home").isVisible()).toBe(false);
    await unlock(page);
    await element(page, "screen-home").waitFor();
    expect(offences).toEqual([]);
  });
});
