import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CardSignature } from "@xid/sdk/server";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { chromiumPath, launchBrowser, phone, picture, watchOffences } from "./browser.ts";
import { startExample, xid } from "./example.ts";
import { createResident, element, enrol, setUpApp, typePassword } from "./resident.ts";

/** The bank of the example, and the signature that it has received. */
async function startBank() {
  const bank = await startExample("card-signature");
  return {
    ...bank,
    signature: () => JSON.parse(readFileSync(join(bank.folder, "signature.json"), "utf8")) as CardSignature,
  };
}

/** What OpenSSL says of the raw signature and of the CMS, with nothing of ours. */
function judge(folder: string, { value, cms, certificates }: CardSignature): string[] {
  const [signer, ...issuers] = certificates!.map((der) => new X509Certificate(Buffer.from(der, "base64")));
  writeFileSync(join(folder, "signature.bin"), Buffer.from(value!, "base64"));
  writeFileSync(join(folder, "signature.p7s"), Buffer.from(cms!, "base64"));
  writeFileSync(join(folder, "key.pem"), signer!.publicKey.export({ type: "spki", format: "pem" }));
  writeFileSync(join(folder, "anchor.pem"), issuers.at(-1)!.toString());
  const openssl = (...words: string[]) =>
    execFileSync("openssl", words, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const about = ["-inform", "DER", "-in", "signature.p7s", "-content", "contract.txt", "-CAfile", "anchor.pem"];
  return [
    openssl("dgst", "-sha256", "-verify", "key.pem", "-signature", "signature.bin", "contract.txt").trim(),
    openssl("cms", "-verify", "-binary", ...about, "-purpose", "any"),
  ];
}

describe("a contract signed with the card", () => {
  let bank: Awaited<ReturnType<typeof startBank>>;
  let browser: Browser | undefined;

  beforeAll(async () => {
    bank = await startBank();
    if (chromiumPath) browser = await launchBrowser();
  });
  afterAll(() => Promise.all([bank?.stop(), browser?.close()]));

  it("is signed without a screen, and OpenSSL finds nothing wrong with it", async () => {
    const resident = await createResident();
    const person = ["--person", resident.id];
    await xid("wallet", "enrol", ...person);
    const started = await fetch(`${bank.origin}/sign`, { redirect: "manual" });
    const cookie = started.headers.get("set-cookie")!.split(";")[0]!;
    const signedIn = await xid("wallet", "sign-in", ...person, "--url", started.headers.get("location")!);
    const page = await fetch(String(signedIn.redirect), { headers: { cookie } });
    expect(await page.text()).toContain("署名を受け取りました");
    const contract = readFileSync(join(bank.folder, "contract.txt"), "utf8");
    expect(judge(bank.folder, bank.signature())).toEqual(["Verified OK", contract]);

    const { evidenceId, digest } = bank.signature();
    const [file, trust] = [join(bank.folder, "act.json"), join(bank.folder, "trust")];
    await xid("evidence", "trust", "--out", trust);
    const verified = async () => {
      await xid("wallet", "evidence", evidenceId, "--out", file, ...person);
      return xid("evidence", "verify", file, "--trust", trust);
    };
    // The log and the time-stamping authority take a moment.
    await expect
      .poll(() => verified().catch(() => undefined), { timeout: 20_000 })
      .toMatchObject({ verified: true, kind: "card_signature", document: { digest } });
  });

  it.skipIf(!chromiumPath).each([
    ["ja-JP", "ja"],
    ["en-GB", "en"],
  ])(
    "is signed in the app, from the bank's page through the card and back (%s)",
    async (locale, language) => {
      const resident = await createResident();
      const context = await browser!.newContext({ ...phone, locale });
      const offences = watchOffences(context);
      const page = await context.newPage();
      await page.goto(bank.origin);
      await page.getByRole("link").click();
      await page.locator("#open-app").click();
      await element(page, "screen-welcome").waitFor();
      if (language === "en") await element(page, "language-en").click();
      await setUpApp(page);
      await enrol(page, resident);

      await element(page, "request-document").waitFor();
      expect(await element(page, "request-document").innerText()).toContain("第1条");
      await picture(page, `card-signature-1-consent-${language}`);
      await element(page, "request-approve").scrollIntoViewIfNeeded();
      await picture(page, `card-signature-1-consent-end-${language}`);
      await element(page, "request-approve").click();
      await element(page, `card-person-${resident.id}`).waitFor();
      await picture(page, `card-signature-2-card-${language}`);
      await element(page, `card-person-${resident.id}`).click();
      await element(page, "card-prepare-continue").click();
      await typePassword(page, "WRONG99");
      await element(page, "card-tap").click();
      await element(page, "card-password-again").click();
      await typePassword(page, resident.pins.signature);
      await element(page, "card-tap").click();
      await page.locator("#evidence").waitFor();
      await picture(page, `card-signature-3-bank-${language}`);
      expect(judge(bank.folder, bank.signature())[0]).toBe("Verified OK");
      await page.goto(`${inject("places").platform}/v1/docs`);
      await picture(page, "card-signature-4-reference");
      expect(offences).toEqual([]);
      await context.close();
    },
    240_000,
  );
});
