import { execFile, execFileSync, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CardSignature } from "@xid/sdk/server";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { chromiumPath, launchBrowser, phone, picture, watchOffences } from "./browser.ts";
import { createResident, element, enrol, setUpApp, typePassword } from "./resident.ts";

const example = new URL("../docs/examples/card-signature.ts", import.meta.url).pathname;

/** The example of the docs as it stands there, in a folder of its own. */
async function startBank() {
  const folder = mkdtempSync(join(tmpdir(), "xid-signature-"));
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  const child = spawn(process.execPath, [example], {
    env: { ...process.env, PORT: String(port), XID_ISSUER: inject("places").platform, FOLDER: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return {
    origin: `http://localhost:${port}`,
    folder,
    signature: () => JSON.parse(readFileSync(join(folder, "signature.json"), "utf8")) as CardSignature,
    async stop() {
      child.kill();
      await once(child, "exit");
      rmSync(folder, { recursive: true });
    },
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

/** `xid` as somebody else's script would call it. */
async function xid(...words: string[]): Promise<Record<string, unknown>> {
  const { portBase, data } = inject("places");
  const program = new URL("../packages/cli/bin/xid.js", import.meta.url).pathname;
  const where = ["--port-base", String(portBase), "--data", data, "--json"];
  const { stdout } = await promisify(execFile)(program, [...words, ...where]);
  return JSON.parse(stdout) as Record<string, unknown>;
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
