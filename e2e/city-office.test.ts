import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { chromiumPath, desktop, launchBrowser, phone, picture, watchOffences } from "./browser.ts";
import { chooseCard, createResident, element, enrol, type Resident, setUpApp, unlock } from "./resident.ts";
import { Verifier } from "./verifier.ts";

type Certificate = { kind: string; serial: string; status: string };

describe.skipIf(!chromiumPath)("a resident who moves", () => {
  const places = inject("places");
  let browser: Browser;
  let resident: Resident;

  beforeAll(async () => {
    browser = await launchBrowser();
    resident = await createResident();
  });
  afterAll(() => browser?.close());

  const certificates = async () => {
    const response = await fetch(`${places.sandbox}/api/people/${resident.id}`);
    const { card } = (await response.json()) as { card: { certificates: Certificate[] } };
    const of = (kind: string) => card.certificates.find((certificate) => certificate.kind === kind)!;
    return { signature: of("signature"), authentication: of("authentication") };
  };
  /** Opens the form of an event at the counter, as a clerk does. */
  async function openForm(counter: Page, title: string) {
    const form = counter.locator("details.procedure", { has: counter.getByText(title, { exact: true }) });
    await form.locator("summary").click();
    return form;
  }
  /** Both cells of a row in the comparison of a certificate with the one before. */
  const compared = (counter: Page, title: string) =>
    counter
      .locator(".comparison tr", { has: counter.getByText(title, { exact: true }) })
      .locator("td")
      .allInnerTexts();
  const submit = (form: Awaited<ReturnType<typeof openForm>>) =>
    form.getByRole("button", { name: "手続きする" }).click();

  it("loses the signature certificate at the counter, gets a new one there, and has the same account at the bank", async () => {
    const onPhone = await browser.newContext(phone);
    const phoneOffences = watchOffences(onPhone);
    const page = await onPhone.newPage();
    await page.goto(places.bank);
    await element(page, "open-account").click();
    await page.locator("#open-app").click();
    await setUpApp(page);
    await enrol(page, resident);
    await element(page, "request-approve").click();
    const accountNumber = await element(page, "account-number").innerText();
    await element(page, "sign-out").first().click();
    const before = await certificates();
    const old = { kind: "signature", serial: before.signature.serial } as const;
    const verifier = await Verifier.register(places.sandbox, "はるかぜ銀行の検証者");
    expect(await verifier.status(old)).toMatchObject({ status: "good" });

    const atCounter = await browser.newContext(desktop);
    const counterOffences = watchOffences(atCounter);
    const counter = await atCounter.newPage();
    await counter.goto(places.sandbox);
    await counter.getByRole("searchbox").fill(resident.id);
    await counter.getByRole("button", { name: "さがす" }).click();
    await picture(counter, "60-city-office-search");
    await counter.getByRole("link", { name: resident.name }).click();
    await picture(counter, "61-city-office-card");
    await counter.getByRole("link", { name: "窓口", exact: true }).click();
    await picture(counter, "62-city-office-counter");
    const move = await openForm(counter, "引っ越し（転入・転居）");
    await move.getByLabel("新しい住所").fill("高松市");
    await submit(move);
    expect(await compared(counter, "状態")).toEqual(["失効", "なし"]);
    expect(await compared(counter, "発行番号")).toEqual([before.signature.serial, "なし"]);
    expect(await counter.locator(".changes").innerText()).toContain("香川県高松市");
    expect(await counter.locator(".told").innerText()).toContain("署名用認証局");
    await picture(counter, "63-city-office-moved");
    const moved = await certificates();
    expect(moved.signature.status).toBe("revoked");
    expect(moved.authentication).toEqual({ ...before.authentication, status: "good" });

    expect(await verifier.status(old)).toMatchObject({ status: "revoked", reason: "affiliationChanged" });
    await page.goto(places.bank);
    await element(page, "sign-in").first().click();
    await page.locator("#open-app").click();
    await unlock(page);
    await element(page, "problem-code").waitFor();
    expect(await element(page, "problem-code").getAttribute("data-code")).toBe("CERTIFICATE_REVOKED");
    await picture(page, "64-bank-check-after-move");

    await counter.getByRole("link", { name: "窓口", exact: true }).click();
    await submit(await openForm(counter, "署名用電子証明書の発行"));
    const after = await certificates();
    expect(await compared(counter, "状態")).toEqual(["失効", "有効"]);
    expect(await compared(counter, "発行番号")).toEqual([before.signature.serial, after.signature.serial]);
    await picture(counter, "65-city-office-reissued");
    const { current } = await verifier.links(old);
    expect(current).toContainEqual(
      expect.objectContaining({ kind: "signature", medium: "card", serial: after.signature.serial, status: "good" }),
    );

    await element(page, "problem-read-card").click();
    await chooseCard(page, resident);
    await element(page, "card-tap").click();
    await element(page, "card-done-continue").click();
    await element(page, "request-approve").click();
    expect(await element(page, "account-number").innerText()).toBe(accountNumber);
    await picture(page, "66-bank-same-account");

    await counter.getByRole("link", { name: "通信記録" }).click();
    const log = await counter.locator("main").innerText();
    expect(log).toContain("COMPUTE DIGITAL SIGNATURE");
    expect(log).not.toContain(resident.pins.signature);
    await picture(counter, "67-city-office-card-log");
    await counter.getByRole("link", { name: "できごと" }).click();
    expect(await counter.locator(".timeline > li > p > strong").allInnerTexts()).toEqual([
      "署名用電子証明書の発行",
      "引っ越し（転入・転居）",
      "カードの交付",
    ]);
    await picture(counter, "68-city-office-timeline");
    expect([phoneOffences, counterOffences]).toEqual([[], []]);
  }, 300_000);
});
