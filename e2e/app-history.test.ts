import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { chromiumPath, launchBrowser, phone, picture, watchOffences } from "./browser.ts";
import { type RunningExample, startExample, xid } from "./example.ts";
import { createResident, element, enrol, setUpApp, unlock } from "./resident.ts";

describe.skipIf(!chromiumPath)("the history in the xID app", () => {
  const places = inject("places");
  let browser: Browser;
  let bank: RunningExample;
  let trust: string;

  beforeAll(async () => {
    [browser, bank] = await Promise.all([launchBrowser(), startExample("evidence")]);
    trust = join(bank.folder, "trust");
    await xid("evidence", "trust", "--out", trust);
  });
  afterAll(() => Promise.all([browser?.close(), bank?.stop()]));

  it.each([
    ["ja-JP", "ja"],
    ["en-GB", "en"],
  ])(
    "tells what was done, proves it on the device, and gives the evidence away (%s)",
    async (locale, language) => {
      const resident = await createResident();
      const context = await browser.newContext({ ...phone, locale, acceptDownloads: true });
      const offences = watchOffences(context);
      const page = await context.newPage();
      await page.goto(bank.origin);
      await page.getByRole("link").click();
      await page.locator("#open-app").click();
      await element(page, "screen-welcome").waitFor();
      if (language === "en") await element(page, "language-en").click();
      await setUpApp(page);
      await enrol(page, resident);
      await element(page, "request-approve").click();
      await page.locator("#method").waitFor();

      await page.goto(places.app);
      await unlock(page);
      await element(page, "home-history").click();
      const rows = page.locator('[data-testid^="history-"][role="button"]');
      await expect.poll(() => rows.count()).toBe(2);
      await picture(page, `app-history-1-list-${language}`);
      await rows.first().click();
      await element(page, "history-verify").click();
      await element(page, "history-proven").waitFor();
      await picture(page, `app-history-2-proven-${language}`);
      const [download] = await Promise.all([page.waitForEvent("download"), element(page, "history-save").click()]);
      await element(page, "history-saved").waitFor();
      const file = join(bank.folder, `${language}.json`);
      await writeFile(file, await readFile(await download.path()));
      expect(await xid("evidence", "verify", file, "--trust", trust)).toMatchObject({
        verified: true,
        kind: "sign_in",
      });

      await context.setOffline(true);
      await element(page, "history-verify").click();
      await expect.poll(() => page.getByText(/証跡を受け取っています|Getting the evidence/).count()).toBe(0);
      await picture(page, `app-history-3-offline-${language}`);
      await context.setOffline(false);
      await element(page, "back").click();
      await element(page, "screen-history").waitFor();
      expect(offences.filter((one) => !/ERR_INTERNET_DISCONNECTED|Failed to fetch/.test(one))).toEqual([]);
      await context.close();
    },
    240_000,
  );
});
