import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, launchBrowser, phone, picture, watchOffences } from "./browser.ts";
import { type RunningExample, startExample, xid } from "./example.ts";
import { createResident, element, enrol, setUpApp, typePassword } from "./resident.ts";

/** Begins at the service and ends there, by the headless wallet; the text of the last page. */
async function throughWallet(start: string, person: string[]): Promise<string> {
  const started = await fetch(start, { redirect: "manual" });
  const cookie = started.headers.get("set-cookie")!.split(";")[0]!;
  const url = started.headers.get("location")!;
  const signedIn = await xid("wallet", "sign-in", ...person, "--url", url);
  return (await fetch(String(signedIn.redirect), { headers: { cookie } })).text();
}

describe("how sure a service wants to be", () => {
  let signIn: RunningExample;
  let stepUp: RunningExample;
  let browser: Browser | undefined;

  beforeAll(async () => {
    [signIn, stepUp] = await Promise.all([startExample("sign-in"), startExample("step-up")]);
    if (chromiumPath) browser = await launchBrowser();
  });
  afterAll(() => Promise.all([signIn?.stop(), stepUp?.stop(), browser?.close()]));

  it("a fresh answer about the certificate, and the request's id with it", async () => {
    const resident = await createResident();
    const person = ["--person", resident.id];
    await xid("wallet", "enrol", ...person);
    const page = await throughWallet(`${signIn.origin}/sign-in`, person);
    expect(page).toContain(`${resident.name} 様`);
    expect(page).toContain("urn:xid:acr:card-enrolled-device:fresh");
    expect(page).toMatch(/id="request">[\w-]{16,64}</);
  });

  it("the card itself, without a screen; the evidence of it stands alone, and nobody else will do", async () => {
    const person = ["--person", (await createResident()).id];
    await xid("wallet", "enrol", ...person);
    expect(await throughWallet(`${stepUp.origin}/sign-in`, person)).toContain("ようこそ");
    expect(await throughWallet(`${stepUp.origin}/raise-limit`, person)).toContain("振込限度額を引き上げました");

    const { acts } = await xid<{ acts: { evidenceId: string }[] }>("wallet", "history", ...person);
    const [file, trust] = [join(stepUp.folder, "act.json"), join(stepUp.folder, "trust")];
    const taken = () =>
      xid("wallet", "evidence", acts[0]!.evidenceId, "--out", file, ...person).then(
        () => "taken",
        () => "waiting for the log",
      );
    await expect.poll(taken, { timeout: 20_000 }).toBe("taken");
    await xid("evidence", "trust", "--out", trust);
    expect(await xid("evidence", "verify", file, "--trust", trust)).toMatchObject({
      verified: true,
      kind: "sign_in",
      level: "card",
    });

    const other = ["--person", (await createResident()).id];
    await xid("wallet", "enrol", ...other);
    await expect(throughWallet(`${stepUp.origin}/raise-limit`, other)).rejects.toThrow("REQUEST_OF_ANOTHER_PERSON");
  });

  it.skipIf(!chromiumPath).each([
    ["ja-JP", "ja"],
    ["en-GB", "en"],
  ])(
    "the card itself, in the app (%s)",
    async (locale, language) => {
      const resident = await createResident();
      const context = await browser!.newContext({ ...phone, locale });
      const offences = watchOffences(context);
      const page = await context.newPage();
      await page.goto(`${stepUp.origin}/sign-in`);
      await page.locator("#open-app").click();
      await element(page, "screen-welcome").waitFor();
      if (language === "en") await element(page, "language-en").click();
      await setUpApp(page);
      await enrol(page, resident);
      await element(page, "request-approve").click();
      await page.getByRole("link", { name: "振込限度額を引き上げる" }).click();
      await page.locator("#open-app").click();
      const unlocked = element(page, "screen-request-consent");
      const locked = element(page, "unlock-pin");
      await unlocked.or(locked).waitFor();
      if (await locked.isVisible()) {
        await locked.fill("271828");
        await element(page, "unlock-pin-continue").click();
      }
      await element(page, "request-card-wanted").waitFor();
      await picture(page, `step-up-1-consent-${language}`);
      await element(page, "request-approve").click();
      await element(page, `card-person-${resident.id}`).waitFor();
      await picture(page, `step-up-2-card-${language}`);
      await element(page, `card-person-${resident.id}`).click();
      await element(page, "card-prepare-continue").click();
      await typePassword(page, resident.pins.signature);
      await element(page, "card-tap").click();
      await page.locator("#raised").waitFor();
      expect(await page.locator("#amr").innerText()).toContain("sc");
      expect(offences).toEqual([]);
      await context.close();
    },
    240_000,
  );
});
