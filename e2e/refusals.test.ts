import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Browser, signIn } from "@xid/sdk/testing";
import { afterAll, describe, expect, inject, it } from "vitest";
import { enrolledResident, enrolWallet, everything } from "./headless.ts";
import { RelyingParty } from "./relying-party.ts";
import { createResident, happens } from "./resident.ts";

/** Every bad way ends in a refusal with its code, and costs nobody anything. */
describe("what is refused", () => {
  const places = inject("places");
  const secondData = mkdtempSync(join(tmpdir(), "xid-second-device-"));
  afterAll(() => rmSync(secondData, { recursive: true, force: true }));

  /** A relying party's request, waiting on a sign-in page in a browser of its own. */
  async function waitingRequest() {
    const party = await RelyingParty.register(places.platform);
    const { url, verifier } = party.authorization();
    const browser = new Browser(places.platform);
    const page = await browser.get(url);
    if (page.kind !== "page") throw new Error(`no sign-in page but ${page.url}`);
    const { requestId } = (await page.response.json()) as { requestId: string };
    return { party, verifier, browser, requestId, pageUrl: page.url };
  }
  const problem = (code: string) => expect.objectContaining({ problem: expect.objectContaining({ code }) });

  it("a sign-in after the certificate was revoked", async () => {
    const { resident, wallet } = await enrolledResident(places, places.data);
    const party = await RelyingParty.register(places.platform);
    await signIn(wallet, party.authorization().url, everything);
    await happens(resident, { type: "revoke" });
    await expect(signIn(wallet, party.authorization().url, everything)).rejects.toEqual(problem("CERTIFICATE_REVOKED"));
  });

  it("enrolment with an expired certificate", async () => {
    const resident = await createResident("certificate-expired");
    await expect(enrolWallet(places, places.data, resident)).rejects.toEqual(problem("CERTIFICATE_EXPIRED"));
  });

  it("enrolment with a revoked certificate", async () => {
    const resident = await createResident("certificate-revoked");
    await expect(enrolWallet(places, places.data, resident)).rejects.toEqual(problem("CERTIFICATE_REVOKED"));
  });

  it("a second approval of a request that has ended", async () => {
    const { wallet } = await enrolledResident(places, places.data);
    const { requestId, browser, pageUrl } = await waitingRequest();
    const display = await wallet.openRequest({ requestId, via: "link" });
    const { returnTo } = await wallet.approve(requestId, everything);
    const secret = returnTo!.split("#")[1];
    expect((await browser.post(`${pageUrl}/return`, { secret })).kind).toBe("callback");
    await expect(wallet.openRequest({ requestId, via: "link" })).rejects.toMatchObject({ code: "REFUSED" });
    expect(display.requestId).toBe(requestId);
    const again = await browser.post(`${pageUrl}/return`, { secret });
    expect(again.kind).toBe("page");
  });

  it("an approval by a device that did not open the request", async () => {
    const { wallet } = await enrolledResident(places, places.data);
    const { wallet: other } = await enrolledResident(places, secondData);
    const { requestId } = await waitingRequest();
    await wallet.openRequest({ requestId, via: "link" });
    await expect(other.openRequest({ requestId, via: "link" })).rejects.toMatchObject({ code: "REFUSED" });
    await expect(other.decline(requestId)).rejects.toMatchObject({ code: "REFUSED" });
    expect((await wallet.approve(requestId, everything)).state).toBe("approved");
  });

  it("a QR code that is older than a few seconds", async () => {
    const { wallet } = await enrolledResident(places, places.data);
    const { requestId, browser, pageUrl } = await waitingRequest();
    const status = async () => {
      const page = await browser.get(`${pageUrl}/status`);
      if (page.kind !== "page") throw new Error("no status");
      return (await page.response.json()) as { code: string };
    };
    const { code } = await status();
    await expect.poll(async () => (await status()).code, { timeout: 5_000 }).not.toBe(code);
    const old = code;
    const issued = Date.now();
    await expect.poll(() => Date.now() - issued, { timeout: 8_000 }).toBeGreaterThan(4_500);
    await expect(wallet.openRequest({ requestId, via: "qr", code: old })).rejects.toMatchObject({ code: "REFUSED" });
    const display = await wallet.openRequest({ requestId, via: "qr", code: (await status()).code });
    expect(display.checkNumber).toMatch(/^\d\d$/);
  });

  it("a return into a browser where the sign-in did not begin, and the right browser still goes on", async () => {
    const { wallet } = await enrolledResident(places, places.data);
    const { requestId, browser, pageUrl } = await waitingRequest();
    await wallet.openRequest({ requestId, via: "link" });
    const { returnTo } = await wallet.approve(requestId, everything);
    const secret = returnTo!.split("#")[1];
    const stranger = await new Browser(places.platform).post(`${pageUrl}/return`, { secret });
    expect(stranger.kind).toBe("page");
    expect((stranger as { response: Response }).response.status).toBeGreaterThanOrEqual(400);
    expect((await browser.post(`${pageUrl}/return`, { secret })).kind).toBe("callback");
  });

  it("an unregistered redirect URI, without redirecting to it", async () => {
    const party = await RelyingParty.register(places.platform);
    const { url } = party.authorization({ redirect_uri: "http://localhost:9/evil" });
    const response = await fetch(url, { redirect: "manual" });
    expect(response.status).toBe(400);
    expect(response.headers.get("location")).toBeNull();
  });
});
