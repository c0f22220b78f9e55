import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { OpenedPresentation, Verified } from "@xid/sdk/server";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, launchBrowser, phone, picture, watchOffences } from "./browser.ts";
import { startExample, xid } from "./example.ts";
import { createResident, element, enrol, type Resident, setUpApp } from "./resident.ts";

type Example = Awaited<ReturnType<typeof startExample>>;

const written = <T>({ folder }: Example, file: string): T => JSON.parse(readFileSync(join(folder, file), "utf8")) as T;

/** From the relying party's page to its callback, by `xid wallet`; the person lets everything go. */
async function signInWithoutScreen({ origin }: Example, path: string, { id }: Resident): Promise<string> {
  await xid("wallet", "enrol", "--person", id);
  const started = await fetch(`${origin}${path}`, { redirect: "manual" });
  if (started.status !== 302) throw new Error(await started.text());
  const cookie = started.headers.get("set-cookie")!.split(";")[0]!;
  const { redirect } = await xid(
    "wallet",
    "sign-in",
    "--person",
    id,
    "--all",
    "--url",
    started.headers.get("location")!,
  );
  return (await fetch(String(redirect), { headers: { cookie } })).text();
}

async function openInApp(
  page: Page,
  { origin }: Example,
  resident: Resident,
  screen = "screen-request-consent",
): Promise<void> {
  await page.goto(origin);
  await page.getByRole("link").click();
  await page.locator("#open-app").click();
  await element(page, "screen-welcome").waitFor();
  if ((await page.evaluate(() => navigator.language)) === "en-GB") await element(page, "language-en").click();
  await setUpApp(page);
  await enrol(page, resident);
  await element(page, screen).waitFor();
}

describe("a shop that asks for an age", () => {
  let shop: Example;
  let browser: Browser | undefined;
  beforeAll(async () => {
    shop = await startExample("verified-attributes");
    if (chromiumPath) browser = await launchBrowser();
  });
  afterAll(() => Promise.all([shop?.stop(), browser?.close()]));

  type Kept = Pick<Verified, "claims" | "verifiedClaims">;

  it("gets yes, and not the birth date; and by whom name and address are vouched for", async () => {
    const resident = await createResident("external-characters");
    expect(await signInWithoutScreen(shop, "/order", resident)).toContain("20歳以上: はい");
    const { claims, verifiedClaims } = written<Kept>(shop, "verified.json");
    expect(claims).toEqual({
      age_over_20: true,
      family_name: "高崎",
      name_divided: true,
      name_characters: { substitutes: [0, 1, 3], privateUse: [], variationSequences: [] },
      municipality: { region: "群馬県", locality: "高崎市", municipality_code: "10202" },
    });
    expect(verifiedClaims).toMatchObject({
      verification: {
        trust_framework: "jp_aml",
        evidence: [{ type: "document", document_details: { type: "jp_individual_number_card" } }],
      },
      claims: { name: "高崎　吉乃", address: { formatted: resident.address } },
    });
    expect(JSON.stringify([claims, verifiedClaims])).not.toContain(resident.birthdate);
  });

  it("learns nothing, and is told that the age is missing, when the person is younger", async () => {
    const { now } = await xid<{ now: string }>("clock", "show");
    const birthdate = `${Number(now.slice(0, 4)) - 18}-01-01`;
    const resident = await xid<Resident>("person", "create", "--birthdate", birthdate);
    const answer = await signInWithoutScreen(shop, "/order", resident);
    expect(answer).toContain("not given: age_over_20");
  });

  it.skipIf(!chromiumPath).each([
    ["ja-JP", "ja", "はい", "20歳未満の方には販売できません", "1・2・4文字目は"],
    ["en-GB", "en", "Yes", "We may not sell to anybody under 20", "at 1, 2, 4."],
  ])(
    "is answered in the app, where each value stands before it leaves (%s)",
    async (locale, language, yes, why, characters) => {
      const resident = await createResident("external-characters");
      const context = await browser!.newContext({ ...phone, locale });
      const offences = watchOffences(context);
      const page = await context.newPage();
      await openInApp(page, shop, resident);
      const age = element(page, "consent-item-age_over_20");
      expect(await age.innerText()).toContain(yes);
      expect(await age.innerText()).toContain(why);
      expect(await element(page, "consent-item-name").innerText()).toContain(characters);
      await element(page, "consent-item-municipality").click();
      await picture(page, `attributes-1-age-consent-${language}`);
      await element(page, "request-approve").click();
      await page.locator("#age").waitFor();
      await picture(page, `attributes-2-age-shop-${language}`);
      const { claims } = written<Kept>(shop, "verified.json");
      expect(Object.keys(claims).sort()).toEqual(["age_over_20", "municipality"]);
      expect(offences).toEqual([]);
      await context.close();
    },
    240_000,
  );
});

describe("a clinic that takes names end to end", () => {
  let clinic: Example;
  let browser: Browser | undefined;
  beforeAll(async () => {
    clinic = await startExample("end-to-end-attributes");
    if (chromiumPath) browser = await launchBrowser();
  });
  afterAll(() => Promise.all([clinic?.stop(), browser?.close()]));

  type Kept = Pick<Verified, "claims"> & { presentation: OpenedPresentation };

  it("opens and verifies by itself what the wallet presents, without a screen", async () => {
    const resident = await createResident();
    expect(await signInWithoutScreen(clinic, "/register", resident)).toContain(`${resident.name} 様`);
    const { claims, presentation } = written<Kept>(clinic, "presentation.json");
    expect(claims).toMatchObject({ name: resident.name, birthdate: resident.birthdate, gender: resident.gender });
    expect(presentation.sdJwt.split("~")).toHaveLength(8);

    const person = ["--person", resident.id];
    const [file, trust] = [join(clinic.folder, "act.json"), join(clinic.folder, "trust")];
    const { acts } = await xid<{ acts: { evidenceId: string }[] }>("wallet", "history", ...person);
    await xid("evidence", "trust", "--out", trust);
    const verified = async () => {
      await xid("wallet", "evidence", acts[0]!.evidenceId, "--out", file, ...person);
      return xid("evidence", "verify", file, "--trust", trust);
    };
    await expect
      .poll(() => verified().catch(() => undefined), { timeout: 20_000 })
      .toMatchObject({ verified: true, kind: "sign_in" });
  });

  it.skipIf(!chromiumPath)(
    "is answered in the app, which says that nobody between can read it",
    async () => {
      const resident = await createResident();
      const context = await browser!.newContext(phone);
      const offences = watchOffences(context);
      const page = await context.newPage();
      await openInApp(page, clinic, resident);
      expect(await element(page, "request-end-to-end").innerText()).toContain("やまびこ診療所だけが開ける形に暗号化");
      expect(await element(page, "consent-item-name").innerText()).toContain(resident.name);
      await picture(page, "end-to-end-1-consent");
      await element(page, "request-approve").click();
      await page.locator("#name").waitFor();
      await picture(page, "end-to-end-2-clinic");
      const { claims } = written<Kept>(clinic, "presentation.json");
      expect(claims).toMatchObject({ name: resident.name, birthdate: resident.birthdate });
      expect(claims).not.toHaveProperty("address");
      expect(offences).toEqual([]);
      await context.close();
    },
    240_000,
  );

  it.skipIf(!chromiumPath)(
    "is not answered when the key that the platform names is not the clinic's own",
    async () => {
      const resident = await createResident();
      const context = await browser!.newContext(phone);
      const page = await context.newPage();
      const x = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
      const other = { kty: "EC", crv: "P-256", x, y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM", use: "enc" };
      const headers = { "access-control-allow-origin": "*" };
      await context.route(`${clinic.origin}/jwks.json`, (route) => route.fulfill({ headers, json: { keys: [other] } }));
      await openInApp(page, clinic, resident, "screen-problem");
      await picture(page, "end-to-end-3-other-key");
      expect(await page.getByText("安全に渡せないため、中止しました").count()).toBeGreaterThan(0);
      expect(await element(page, "request-approve").count()).toBe(0);
      await context.close();
    },
    240_000,
  );
});
