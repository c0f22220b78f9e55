import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { chromiumPath, launchBrowser, phone, picture, watchOffences } from "./browser.ts";
import { createResident, element, enrol, setUpApp, typePassword } from "./resident.ts";

const example = new URL("../docs/examples/my-number.ts", import.meta.url).pathname;

/** The example of the docs as it stands there, in a folder of its own. */
async function startSecurities() {
  const folder = mkdtempSync(join(tmpdir(), "xid-my-number-"));
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  const { platform, sandbox } = inject("places");
  const child = spawn(process.execPath, [example], {
    env: { ...process.env, PORT: String(port), XID_ISSUER: platform, XID_SANDBOX: sandbox, FOLDER: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return {
    origin: `http://localhost:${port}`,
    folder,
    myNumber: () => readFileSync(join(folder, "my-number.txt"), "utf8"),
    async stop() {
      child.kill();
      await once(child, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

/** `xid` as somebody else's script would call it. */
async function xid(...words: string[]): Promise<Record<string, unknown>> {
  const { portBase, data } = inject("places");
  const program = new URL("../packages/cli/bin/xid.js", import.meta.url).pathname;
  const where = ["--port-base", String(portBase), "--data", data, "--json"];
  const { stdout } = await promisify(execFile)(program, [...words, ...where]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe("a My Number for a specified account", () => {
  let securities: Awaited<ReturnType<typeof startSecurities>>;
  let browser: Browser | undefined;

  beforeAll(async () => {
    securities = await startSecurities();
    if (chromiumPath) browser = await launchBrowser();
  });
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
    expect(securities.myNumber()).toMatch(/^\d{12}$/);

    const evidenceId = /id="evidence">([^<]+)/.exec(page)![1]!;
    const [file, trust] = [join(securities.folder, "act.json"), join(securities.folder, "trust")];
    const taken = () =>
      xid("wallet", "evidence", evidenceId, "--out", file, ...person).then(
        () => "taken",
        () => "waiting for the log",
      );
    await expect.poll(taken, { timeout: 20_000 }).toBe("taken");
    await xid("evidence", "trust", "--out", trust);
    expect(await xid("evidence", "verify", file, "--trust", trust)).toMatchObject({
      verified: true,
      kind: "my_number",
      purpose: "tax.specified_account",
    });
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
      expect(securities.myNumber()).toMatch(/^\d{12}$/);
      expect(offences).toEqual([]);
      await context.close();
    },
    240_000,
  );
});
