import { join } from "node:path";
import { createXid, fileStore } from "@xid/sdk/server";
import { decodeJwt } from "jose";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { chromiumPath, launchBrowser, phone, picture, watchOffences } from "./browser.ts";
import { type RunningExample, startExample, xid } from "./example.ts";
import { RelyingParty } from "./relying-party.ts";
import { chooseCard, createResident, element, enrol, happens, type Resident, setUpApp, unlock } from "./resident.ts";

/** Signs in at an example's page as a person with a headless wallet; gives the page that the browser ends on. */
async function signInAt(origin: string, resident: Resident, path = "/sign-in"): Promise<string> {
  const started = await fetch(`${origin}${path}`, { redirect: "manual" });
  if (started.status !== 302) throw new Error(await started.text());
  const cookie = started.headers.get("set-cookie")!.split(";")[0]!;
  const url = started.headers.get("location")!;
  const { redirect } = await xid<{ redirect: string }>(
    ...["wallet", "sign-in", "--person", resident.id, "--url", url, "--all"],
  );
  return (await fetch(redirect, { headers: { cookie } })).text();
}

/** To another prefecture, and to the counter for a new certificate. Gives the new address. */
async function moves(resident: Resident): Promise<string> {
  const to = resident.address.startsWith("香川県") ? "松山市" : "高松市";
  await xid("person", "event", resident.id, "move", "--to", to);
  return (await happens(resident, { type: "reissue-signature" })).address;
}

describe("a person who moves", () => {
  let bank: RunningExample;
  let creditUnion: RunningExample;
  let browser: Browser | undefined;
  beforeAll(async () => {
    [bank, creditUnion] = await Promise.all([startExample("latest-attributes"), startExample("re-verification")]);
    if (chromiumPath) browser = await launchBrowser();
  });
  afterAll(() => Promise.all([bank?.stop(), creditUnion?.stop(), browser?.close()]));

  it("is at the new address by itself where they agreed to it, and is asked for the card elsewhere, without a screen", async () => {
    const resident = await createResident();
    await xid("wallet", "enrol", "--person", resident.id);
    expect(await signInAt(bank.origin, resident)).toContain("変更の通知あり");
    expect(await signInAt(creditUnion.origin, resident)).toContain(resident.address);

    const address = await moves(resident);
    expect(await xid("sweep", "run")).toMatchObject({ versions: expect.any(Number) });

    const page = async () => (await fetch(bank.origin)).text();
    await expect.poll(page, { timeout: 20_000 }).toContain(`${address}（別の都道府県に住所が変わりました）`);
    expect(await (await fetch(`${creditUnion.origin}/check`)).text()).toContain("changed moved_or_renamed");

    await expect(signInAt(creditUnion.origin, resident)).rejects.toThrow("CERTIFICATE_REVOKED");
    expect(await signInAt(creditUnion.origin, resident, "/refresh")).toContain(address);
    expect(await (await fetch(`${creditUnion.origin}/check`)).text()).toContain("unchanged");

    const { services } = await xid<{ services: { clientId: string; latestAttributes: object | null }[] }>(
      ...["wallet", "services", "--person", resident.id],
    );
    const told = services.find(({ latestAttributes }) => latestAttributes !== null)!;
    await xid("wallet", "withdraw", "--client", told.clientId, "--person", resident.id);
    expect(await xid("wallet", "withdraw", "--jlis", "--card", "--person", resident.id)).toEqual({ endedAtJlis: true });
  });

  it("is sent a request to read the card again, which waits in the app", async () => {
    const resident = await createResident();
    const person = ["--person", resident.id];
    await xid("wallet", "enrol", ...person);
    const name = { ja: "あおば銀行", en: "Aoba Bank" };
    const office = createXid({
      issuer: inject("places").platform,
      redirectUri: "http://localhost:9/callback",
      store: fileStore(join(creditUnion.folder, "office.json")),
      registration: { name, purpose: name, backChannel: "poll" },
    });
    const { url, transaction } = await office.start({ required: ["address"] });
    const { redirect } = await xid<{ redirect: string }>("wallet", "sign-in", ...person, "--url", url, "--all");
    const { subject } = await office.finish(redirect, transaction);
    const address = await moves(resident);
    expect(await office.identityStatus(subject)).toMatchObject({ status: "changed", reason: null });

    const { pending } = await office.requestApproval({ subject, required: ["address"], refreshIdentity: true });
    const { requests } = await xid<{ requests: { requestId: string }[] }>("wallet", "requests", ...person);
    await xid("wallet", "approve", requests[0]!.requestId, ...person, "--all");
    expect((await office.awaitApproval(pending)).claims.address?.formatted).toBe(address);
    expect(await office.identityStatus(subject)).toMatchObject({ status: "unchanged" });
  });

  it("may sign in all the same where the service is content with a warning, and evidence says that it was one", async () => {
    const { platform } = inject("places");
    const shop = await RelyingParty.register(platform, { xid_identity_change_policy: "warn" });
    const resident = await createResident();
    const person = ["--person", resident.id];
    await xid("wallet", "enrol", ...person);
    await moves(resident);
    const { url, verifier } = shop.authorization({ scope: "openid name" });
    const { redirect } = await xid<{ redirect: string }>("wallet", "sign-in", ...person, "--url", url, "--all");
    const tokens = await shop.redeem(new URL(redirect).searchParams.get("code")!, verifier);
    expect(decodeJwt(String(tokens.body.id_token))).toMatchObject({ xid_identity_status: "changed" });

    const [file, trust] = [join(bank.folder, "warned.json"), join(bank.folder, "trust")];
    await xid("evidence", "trust", "--out", trust);
    const verified = async () => {
      const { acts } = await xid<{ acts: { evidenceId: string }[] }>("wallet", "history", ...person);
      await xid("wallet", "evidence", acts[0]!.evidenceId, "--out", file, ...person);
      return xid("evidence", "verify", file, "--trust", trust);
    };
    await expect
      .poll(() => verified().catch(() => undefined), { timeout: 20_000 })
      .toMatchObject({ verified: true, kind: "sign_in", changed: "moved_or_renamed" });
  });

  it.skipIf(!chromiumPath).each([
    ["ja-JP", "ja"],
    ["en-GB", "en"],
  ])(
    "agrees in the app, moves, and reads the card where that is wanted (%s)",
    async (locale, language) => {
      const resident = await createResident();
      const context = await browser!.newContext({ ...phone, locale });
      const offences = watchOffences(context);
      const page = await context.newPage();
      const openApp = async (address: string) => {
        await page.goto(address);
        await page.locator("#open-app").click();
      };
      const readCard = async () => {
        await chooseCard(page, resident);
        await element(page, "card-tap").click();
        await element(page, "card-done-continue").click();
      };
      await openApp(`${bank.origin}/sign-in`);
      await element(page, "screen-welcome").waitFor();
      if (language === "en") await element(page, "language-en").click();
      await setUpApp(page);
      await enrol(page, resident);
      await element(page, "consent-latest").click();
      await picture(page, `continuity-1-agree-${language}`);
      await element(page, "request-approve").click();
      await page.getByText("変更の通知あり").first().waitFor();

      const address = await moves(resident);
      await xid("sweep", "run");
      await page.goto(bank.origin);
      await page.getByText(`${address}（別の都道府県に住所が変わりました）`).waitFor();
      await picture(page, `continuity-2-bank-by-itself-${language}`);

      await openApp(`${creditUnion.origin}/sign-in`);
      await unlock(page);
      await element(page, "problem-read-card").waitFor();
      await picture(page, `continuity-3-card-wanted-${language}`);
      await element(page, "problem-read-card").click();
      await readCard();
      await element(page, "request-approve").click();
      await page.getByText(address).waitFor();

      await openApp(`${creditUnion.origin}/refresh`);
      await unlock(page);
      await element(page, "refresh-state").waitFor();
      await picture(page, `continuity-4-refresh-asked-${language}`);
      await element(page, "request-read-card").click();
      await readCard();
      await element(page, "request-approve").waitFor();
      await picture(page, `continuity-5-refresh-read-${language}`);
      await element(page, "request-approve").click();
      await page.locator("#address").waitFor();
      expect(await page.locator("#address").innerText()).toBe(address);

      await page.goto(inject("places").app);
      await unlock(page);
      await element(page, "home-services").click();
      await page.getByTestId(/^service-latest-.*-stop$/).waitFor();
      await picture(page, `continuity-6-services-${language}`);
      await page.getByTestId(/^service-latest-.*-stop$/).click();
      await expect.poll(() => page.getByTestId(/^service-latest-/).count()).toBe(0);
      expect(offences).toEqual([]);
      await context.close();
    },
    240_000,
  );
});
