import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WaitingRequests } from "@xid/protocol";
import { readTrustDirectory } from "@xid/sdk/evidence";
import { createXid, fileStore, verifySignedPdf } from "@xid/sdk/server";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { chromiumPath, launchBrowser, phone, picture, watchOffences } from "./browser.ts";
import { type RunningExample, startExample, xid } from "./example.ts";
import { createResident, element, enrol, type Resident, setUpApp } from "./resident.ts";

const isHere = (tool: string) => spawnSync("which", [tool]).status === 0;

/** The contract as it was handed in. */
const contract = readFileSync(new URL("../docs/examples/contract.pdf", import.meta.url));

/** What poppler and qpdf say of a file, with nothing of ours but the root that poppler is told to trust. */
async function judge(folder: string, file: string): Promise<string> {
  const [issuing, root] = (await (await fetch(`${inject("places").platform}/ca/signing.pem`)).text())
    .match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g)!
    .map((pem) => new X509Certificate(pem));
  const run = (tool: string, ...words: string[]) => execFileSync(tool, words, { cwd: folder, encoding: "utf8" });
  if (isHere("qpdf")) run("qpdf", "--check", file);
  if (!isHere("pdfsig") || !isHere("certutil")) return "";
  mkdirSync(join(folder, "nss"), { recursive: true });
  writeFileSync(join(folder, "root.pem"), root!.toString());
  writeFileSync(join(folder, "issuing.pem"), issuing!.toString());
  run("certutil", "-N", "-d", "sql:nss", "--empty-password");
  run("certutil", "-A", "-d", "sql:nss", "-n", "root", "-t", "CT,C,C", "-i", "root.pem");
  // Poppler finds the authority in between in the first signature of a file only, though each holds it.
  run("certutil", "-A", "-d", "sql:nss", "-n", "issuing", "-t", ",,", "-i", "issuing.pem");
  return run("pdfsig", "-nssdir", join(folder, "nss"), file);
}

const count = (text: string, part: string) => text.split(part).length - 1;

describe("a contract signed with the keys of two devices", () => {
  let bank: RunningExample;
  let browser: Browser | undefined;

  beforeAll(async () => {
    bank = await startExample("document-signature");
    if (chromiumPath) browser = await launchBrowser();
  });
  afterAll(() => Promise.all([bank?.stop(), browser?.close()]));

  async function signHeadless(resident: Resident): Promise<{ page: string; shown: Buffer }> {
    const person = ["--person", resident.id];
    await xid("wallet", "enrol", ...person);
    const started = await fetch(`${bank.origin}/sign`, { redirect: "manual" });
    const cookie = started.headers.get("set-cookie")!.split(";")[0]!;
    const url = started.headers.get("location");
    if (!url) throw new Error(await started.text());
    const shown = join(bank.folder, "shown.pdf");
    const { redirect } = await xid("wallet", "sign-in", ...person, "--url", url, "--document", shown);
    const page = await fetch(String(redirect), { headers: { cookie } });
    return { page: await page.text(), shown: readFileSync(shown) };
  }

  it("is signed by one after the other without a screen, and poppler finds nothing wrong with it", async () => {
    const [first, second] = [await createResident(), await createResident()];
    const { page, shown } = await signHeadless(first);
    expect(page).toContain('id="waiting"');
    expect(shown.subarray(0, contract.length).equals(contract)).toBe(true);
    const done = await signHeadless(second);
    expect(done.page).toContain('id="signed"');
    const signed = readFileSync(join(bank.folder, "signed.pdf"));
    // What the second was shown holds what the first has signed, and all of it is in the file.
    expect(signed.subarray(0, contract.length).equals(contract)).toBe(true);

    const said = await judge(bank.folder, "signed.pdf");
    if (said) {
      expect(count(said, "Signature is Valid")).toBe(2);
      expect(count(said, "Certificate is Trusted")).toBe(2);
      for (const { name } of [first, second]) expect(said).toContain(name);
    }

    const trust = join(bank.folder, "trust");
    await xid("evidence", "trust", "--out", trust);
    const anchors = await readTrustDirectory(trust);
    const signatures = verifySignedPdf(signed, anchors);
    expect(signatures.map(({ signer }) => signer)).toEqual([first.name, second.name]);
    const changed = Buffer.from(signed);
    changed[2000]! ^= 1;
    expect(() => verifySignedPdf(changed, anchors)).toThrow(expect.objectContaining({ code: "DOCUMENT_INVALID" }));

    const [evidenceId] = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(done.page)!;
    const file = join(bank.folder, "act.json");
    const verified = async () => {
      await xid("wallet", "evidence", evidenceId!, "--out", file, "--person", second.id);
      return xid("evidence", "verify", file, "--trust", trust);
    };
    await expect
      .poll(() => verified().catch((error: Error) => error.message), { timeout: 20_000 })
      .toMatchObject({ verified: true, kind: "document_signature" });
  });
});

/** How much of the drawn page is dark, from 0 to 1. */
function inkOf(page: Page): Promise<number> {
  return page.locator("canvas").evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    let dark = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at + 3]! > 0 && data[at]! < 128) dark++;
    return dark / (data.length / 4);
  });
}

describe("a contract for two people whom the bank knows", () => {
  const name = { ja: "さくら銀行", en: "Sakura Bank" };
  const folder = mkdtempSync(join(tmpdir(), "xid-known-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is asked for in the app of each, signed in any order, and archived", async () => {
    const bank = createXid({
      issuer: inject("places").platform,
      redirectUri: "http://localhost:4010/callback",
      store: fileStore(join(folder, "client.json")),
      registration: { name, purpose: { ja: "契約", en: "Contract" }, backChannel: "poll" },
    });
    const meet = async () => {
      const resident = await createResident();
      const person = ["--person", resident.id];
      await xid("wallet", "enrol", ...person);
      const { url, transaction } = await bank.start();
      const { redirect } = await xid("wallet", "sign-in", ...person, "--url", url);
      return { resident, person, subject: (await bank.finish(String(redirect), transaction)).subject };
    };
    const [first, second] = [await meet(), await meet()];
    const order = await bank.signDocument({
      pdf: contract,
      name: "定期預金契約書.pdf",
      display: { layout: "contract", title: { ja: "契約書", en: "Contract" }, counterparty: name },
      level: "B-LTA",
      order: "any",
      signers: [{ subject: first.subject }, { subject: second.subject }],
    });
    for (const [signer, { person, subject }] of [
      [2, second],
      [1, first],
    ] as const) {
      const { id, pending } = await bank.requestApproval({ subject, document: order, signer, message: "契約書の件" });
      expect(id).not.toBe("");
      const waiting = () => xid<WaitingRequests>("wallet", "requests", ...person).then(({ requests }) => requests[0]);
      await expect.poll(waiting, { timeout: 20_000 }).toBeDefined();
      await xid("wallet", "approve", (await waiting())!.requestId, ...person);
      const { documentSignature } = await bank.awaitApproval(pending);
      expect(documentSignature).toMatchObject({ format: "pdf", level: "B-LTA" });
    }
    expect(await bank.documentState(order)).toMatchObject({ state: "signed" });
    const signed = await bank.downloadSigned(order);
    const trust = join(folder, "trust");
    await xid("evidence", "trust", "--out", trust);
    const signatures = verifySignedPdf(signed, await readTrustDirectory(trust));
    expect(signatures.map(({ kind, signer }) => signer ?? kind)).toEqual([
      second.resident.name,
      "timestamp",
      first.resident.name,
      "timestamp",
    ]);
    await bank.deleteDocument(order);
    await expect(bank.documentState(order)).rejects.toMatchObject({ code: "API_REFUSED" });
  });
});

describe("a contract signed in the app", () => {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (chromiumPath) browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it.skipIf(!chromiumPath).each([
    ["ja-JP", "ja"],
    ["en-GB", "en"],
  ])(
    "from the bank's page through the app and back, without the card (%s)",
    async (locale, language) => {
      const bank = await startExample("document-signature");
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

      await element(page, "request-digest").waitFor();
      expect(await element(page, "request-pages").innerText()).toContain("2");
      await expect.poll(() => element(page, "document-words").innerText()).not.toBe("");
      await element(page, "document-page").scrollIntoViewIfNeeded();
      await picture(page, `document-signature-1-consent-${language}`);
      expect(await inkOf(page)).toBeGreaterThan(0.001);
      expect(await element(page, "document-unseen").innerText()).toContain("1");
      await element(page, "document-next").click();
      await element(page, "document-unseen").waitFor({ state: "detached" });
      await element(page, "document-page").scrollIntoViewIfNeeded();
      await picture(page, `document-signature-1-last-page-${language}`);
      await element(page, "document-larger").click();
      await element(page, "request-approve").scrollIntoViewIfNeeded();
      await picture(page, `document-signature-1-consent-end-${language}`);
      await element(page, "request-approve").click();
      await page.locator("#waiting").waitFor();
      await picture(page, `document-signature-2-bank-${language}`);
      const said = await judge(bank.folder, "signed.pdf");
      if (said) expect(said).toContain(resident.name);
      if (isHere("pdftoppm")) {
        const out = join(bank.folder, "page");
        execFileSync("pdftoppm", ["-r", "80", "-f", "2", "-l", "2", "-png", join(bank.folder, "signed.pdf"), out]);
      }
      expect(offences).toEqual([]);
      await context.close();
      await bank.stop();
    },
    240_000,
  );
});
