import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, launchBrowser, phone, picture, watchOffences } from "./browser.ts";
import { type RunningExample, startExample, xid } from "./example.ts";
import { createResident, element, enrol, setUpApp, typePassword } from "./resident.ts";

describe("a My Number for a specified account", () => {
  let securities: RunningExample;
  let browser: Browser | undefined;

  beforeAll(async () => {
    securities = await startExample("my-number");
    if (chromiumPath) browser = await launchBrowser();
  });
  const handedOver = () => readFileSync(join(securities.folder, "my-number.txt"), "utf8");
  afterAll(() => Promise.all([securities?.stop(), browser?.close()]));

  it("is handed over without a screen, and evidence without the number remains", async () => {
    const resident = await createResident();
    const person = ["--person", resident.id];
    await xid("wallet", "enrol", ...person);
    const started = await fetch(`${securities.origin}/hand-over`, { redirect: "manual" });
    if (started.status !== 302) throw new Error(await started.text());
    const cookie = started.headers.get("set-cookie")!.split(";")[0]!;
    const signedIn = await xid("wallet", "sign-in", ...person, "--url", started.headers.get("location")!);
    const page = await (await fetch(String(signedIn.redirect), { headers: { cookie } })).text();
    expect(page).toContain("受け取りました");
    expect(handedOver()).toMatch(/^\d{12}$/);

    const evidenceId = /id="evidence">([^<]+)/.exec(page)![1]!;
    const [file, trust] = [join(securities.folder, "act.json"), join(securities.folder, "trust")];
    await xid("evidence", "trust", "--out", trust);
    const verified = async () => {
      await xid("wallet", "evidence", evidenceId, "--out", file, ...person);
      return xid("evidence", "verify", file, "--trust", trust);
    };
    // The log and the time-stamping authority take a moment.
    await expect
      .poll(() => verified().catch(() => undefined), { timeout: 20_000 })
      .toMatchObject({ verified: true, kind: "my_number", purpose: "tax.specified_account" });
    const { act } = JSON.parse(readFileSync(file, "utf8")) as { act: { record: string } };
    const record = Buffer.from(act.record, "base64url").toString();
    expect(record).toContain("tax.specified_account");
    expect(record).not.toContain(handedOver());
    expect((await xid("wallet", "history", ...person)).acts).toContainEqual(
      expect.objectContaining({ evidenceId, kind: "my_number" }),
    );
  });

  it.skipIf(!chromiumPath).each([
    ["ja-JP", "ja"],
    ["en-GB", "en"],
  ])(
    "is handed over in the app, from the service's page through the card and back (%s)",
    async (locale, language) => {
      const resident = await createResident();
      const context = await browser!.newContext({ ...phone, locale });
      const offences = watchOffences(context);
      const page = await context.newPage();
      await page.goto(securities.origin);
      await page.getByRole("link").click();
      await page.locator("#open-app").click();
      await element(page, "screen-welcome").waitFor();
      if (language === "en") await element(page, "language-en").click();
      await setUpApp(page);
      await enrol(page, resident);

      await element(page, "screen-request-my-number").waitFor();
      await picture(page, `my-number-1-consent-${language}`);
      await element(page, "request-approve").click();
      await element(page, `card-person-${resident.id}`).waitFor();
      await picture(page, `my-number-2-card-${language}`);
      await element(page, `card-person-${resident.id}`).click();
      await element(page, "card-prepare-continue").click();
      await element(page, "card-password").waitFor();
      await picture(page, `my-number-3-pin-${language}`);
      await typePassword(page, resident.pins.text === "0000" ? "1111" : "0000");
      await element(page, "card-tap").click();
      await element(page, "card-password-again").waitFor();
      await picture(page, `my-number-4-wrong-pin-${language}`);
      await element(page, "card-password-again").click();
      await typePassword(page, resident.pins.text);
      await element(page, "card-tap").click();
      await page.locator("#evidence").waitFor();
      expect(handedOver()).toMatch(/^\d{12}$/);
      expect(offences).toEqual([]);
      await context.close();
    },
    240_000,
  );
});
