import type { WaitingRequests } from "@xid/protocol";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { chromiumPath, desktop, launchBrowser, phone, picture, watchOffences } from "./browser.ts";
import { type RunningExample, startExample, xid } from "./example.ts";
import { createResident, element, enrol, setUpApp, unlock } from "./resident.ts";

const message = "お電話でのお振込 100,000円の確認です";

describe("a call centre that asks the caller to confirm in their app", () => {
  let centre: RunningExample;
  let browser: Browser | undefined;

  beforeAll(async () => {
    centre = await startExample("back-channel");
    if (chromiumPath) browser = await launchBrowser();
  });
  afterAll(() => Promise.all([centre?.stop(), browser?.close()]));

  it("is answered without a screen", async () => {
    const person = ["--person", (await createResident()).id];
    await xid("wallet", "enrol", ...person);
    const started = await fetch(`${centre.origin}/sign-in`, { redirect: "manual" });
    const cookie = started.headers.get("set-cookie")!.split(";")[0]!;
    const signedIn = await xid("wallet", "sign-in", ...person, "--url", started.headers.get("location")!);
    const page = await (await fetch(String(signedIn.redirect), { headers: { cookie } })).text();
    const call = `${centre.origin}/?call=${page
      .match(/call=([\w-]+)"/g)!
      .at(-1)!
      .slice(5, -1)}`;

    const sent = async () => {
      const list = () => xid<WaitingRequests>("wallet", "requests", ...person);
      await expect.poll(async () => (await list()).requests.length, { timeout: 20_000 }).toBe(1);
      return (await list()).requests[0]!;
    };
    const confirmed = fetch(call).then((response) => response.text());
    const { requestId, client } = await sent();
    expect(client.name.ja).toBe("さくら銀行");
    expect(await xid("wallet", "open", requestId, ...person)).toMatchObject({ via: "push", message });
    expect(await xid("wallet", "approve", requestId, ...person)).toEqual({ state: "approved", returnTo: null });
    expect(await confirmed).toContain("ご本人を確認しました");

    const declined = fetch(call).then((response) => response.text());
    const second = await sent();
    await xid("wallet", "open", second.requestId, ...person);
    await xid("wallet", "decline", second.requestId, ...person);
    expect(await declined).toContain("access_denied");

    const third = fetch(call).then((response) => response.text());
    expect(await xid("wallet", "approve", (await sent()).requestId, ...person)).toMatchObject({ state: "approved" });
    await third;

    await xid("wallet", "block", client.clientId, ...person);
    expect(await (await fetch(call)).text()).toContain("access_denied");
    await xid("wallet", "unlink", client.clientId, ...person);
    expect(await (await fetch(call)).text()).toContain("unknown_user_id");
  });

  it.skipIf(!chromiumPath).each([
    ["ja-JP", "ja"],
    ["en-GB", "en"],
  ])(
    "is answered in the app: approved, then declined and blocked (%s)",
    async (locale, language) => {
      const resident = await createResident();
      const [onPhone, onDesktop] = await Promise.all([
        browser!.newContext({ ...phone, locale }),
        browser!.newContext(desktop),
      ]);
      const offences = watchOffences(onPhone);
      const page = await onPhone.newPage();
      await page.goto(`${centre.origin}/sign-in`);
      await page.locator("#open-app").click();
      await element(page, "screen-welcome").waitFor();
      if (language === "en") await element(page, "language-en").click();
      await setUpApp(page);
      await enrol(page, resident);
      await element(page, "request-approve").click();
      await page.getByRole("heading", { name: "コールセンター" }).waitFor();

      const desk = await onDesktop.newPage();
      await desk.goto(centre.origin);
      const call = await desk.getByRole("link", { name: "お客様" }).last().getAttribute("href");
      const callCustomer = () => desk.goto(`${centre.origin}${call}`, { timeout: 120_000 });
      const app = await onPhone.newPage();
      await app.goto(inject("places").app);
      await unlock(app);
      await element(app, "home-name").waitFor();

      const confirmed = callCustomer();
      await openFirst(app);
      expect(await element(app, "request-message").innerText()).toBe(message);
      await picture(app, `back-channel-2-request-${language}`);
      await element(app, "request-approve").click();
      await element(app, "screen-request-done").waitFor();
      await picture(app, `back-channel-3-approved-${language}`);
      await confirmed;
      await desk.locator("#confirmed").waitFor();
      await picture(desk, "back-channel-4-desk");
      await element(app, "request-home").click();

      const declined = callCustomer();
      await element(app, "home-requests").waitFor();
      await picture(app, `back-channel-1-home-${language}`);
      await openFirst(app);
      await element(app, "request-decline").click();
      await element(app, "request-block").click();
      await element(app, "request-blocked").getByText(/./).waitFor();
      await picture(app, `back-channel-5-blocked-${language}`);
      await declined;
      await callCustomer();
      expect(await desk.locator("body").innerText()).toContain("access_denied");

      await element(app, "request-home").click();
      await element(app, "home-services").click();
      const requests = app.locator('[data-testid^="service-requests-"]');
      await requests.waitFor();
      expect(await requests.getAttribute("aria-checked")).toBe("false");
      await requests.click();
      await expect.poll(() => requests.getAttribute("aria-checked")).toBe("true");
      await picture(app, `back-channel-6-services-${language}`);
      expect(offences).toEqual([]);
      await Promise.all([onPhone.close(), onDesktop.close()]);
    },
    240_000,
  );
});

async function openFirst(app: Page): Promise<void> {
  const row = app.locator('[data-testid^="home-request-"]').first();
  await row.click();
  await element(app, "screen-request-consent").waitFor();
}
