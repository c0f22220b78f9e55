import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createXid, fileStore } from "@xid/sdk/server";
import { browse, startTestProvider, type TestProvider } from "@xid/sdk/testing";
import type { Hono } from "hono";
import { decodeJwt } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createApp } from "./app.ts";
import { Customers } from "./customers.ts";

const url = "http://localhost:14003";
const callback = `${url}/callback`;
const hanako = {
  name: "山田　花子",
  birthdate: "1990-01-31",
  gender: "female",
  address: { formatted: "東京都千代田区霞が関２－１－３", country: "JP" },
};

let provider: TestProvider;
let directory: string;
let customers: Customers;
let app: Hono;
let lines: string[];

/** A browser at the bank: keeps its cookies, follows nothing by itself. */
class Browser {
  cookies = new Map<string, string>();

  async open(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await app.request(new URL(path, url).href, { ...init, headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (line.includes("Max-Age=0")) this.cookies.delete(name!);
      else this.cookies.set(name!, value!);
    }
    return response;
  }

  /** To the provider and back: the callback URL, not yet opened. */
  async approve(path: "/open/start" | "/sign-in"): Promise<string> {
    const response = await this.open(path);
    return browse(response.headers.get("location")!, callback);
  }

  async arrive(path: "/open/start" | "/sign-in"): Promise<Response> {
    return this.open(await this.approve(path));
  }
}

function start(): void {
  customers = new Customers(join(directory, "bank"));
  const xid = createXid({
    issuer: provider.issuer,
    redirectUri: callback,
    store: fileStore(join(directory, "bank", "xid-client.json")),
    registration: {
      name: "はるかぜ銀行",
      purpose: { ja: "本人確認", en: "Identification" },
      logoutUri: `${url}/backchannel-logout`,
    },
  });
  lines = [];
  app = createApp({ url, xid, customers, clock: Date.now, log: (line) => lines.push(line) });
}

const troubleIn = async (response: Response) => /data-trouble="([^"]+)"/.exec(await response.text())?.[1];
const textOf = (html: string, id: string) => new RegExp(`data-testid="${id}"[^>]*>([^<]*)<`).exec(html)?.[1];

beforeAll(async () => {
  provider = await startTestProvider();
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.person = { id: "hanako", claims: { ...hanako }, declines: false, withholds: [] };
  directory = mkdtempSync(join(tmpdir(), "bank-"));
  start();
});
afterEach(() => {
  customers.close();
  rmSync(directory, { recursive: true });
});

describe("opening an account", () => {
  it("shows the verified data and a number, and again at the next sign-in, also after a restart", async () => {
    const browser = new Browser();
    const arrived = await browser.arrive("/open/start");
    expect(arrived.headers.get("location")).toBe("/open/complete");
    const complete = await (await browser.open("/open/complete")).text();
    expect(complete).toContain("本人確認済み");
    expect(textOf(complete, "customer-name")).toBe(hanako.name);
    expect(textOf(complete, "customer-birthdate")).toBe("1990年1月31日");
    expect(complete).toContain('datetime="1990-01-31"');
    expect(textOf(complete, "customer-gender")).toBe("女性");
    expect(textOf(complete, "customer-address")).toBe(hanako.address.formatted);
    expect(textOf(complete, "account-number")).toMatch(/^\d{7}$/);

    customers.close();
    start();
    expect((await browser.open("/account")).headers.get("location")).toBe("/");
    const signedIn = await browser.arrive("/sign-in");
    expect(signedIn.headers.get("location")).toBe("/account");
    const account = await (await browser.open("/account")).text();
    expect(textOf(account, "account-number")).toBe(textOf(complete, "account-number"));
    expect(textOf(account, "customer-name")).toBe(hanako.name);
  });

  it("gives a person the account they have, and says so once", async () => {
    await new Browser().arrive("/open/start");
    const browser = new Browser();
    const arrived = await browser.arrive("/open/start");
    expect(arrived.headers.get("location")).toBe("/account");
    expect(await (await browser.open("/account")).text()).toContain("すでに口座をお持ちでした");
    expect(await (await browser.open("/account")).text()).not.toContain("すでに口座をお持ちでした");
  });

  it("opens nothing when the person declines", async () => {
    provider.person.declines = true;
    const response = await new Browser().arrive("/open/start");
    expect(response.status).toBe(403);
    expect(await troubleIn(response)).toBe("declined");
    expect(lines).toEqual([]);
  });

  it("opens nothing when an item is withheld", async () => {
    delete (provider.person.claims as Record<string, unknown>).address;
    expect(await troubleIn(await new Browser().arrive("/open/start"))).toBe("items-missing");
  });

  it("shows a name as text, whatever is in it", async () => {
    provider.person.claims.name = '<script>alert("x")</script>';
    const browser = new Browser();
    await browser.arrive("/open/start");
    const page = await (await browser.open("/account")).text();
    expect(page).not.toContain("<script>alert");
    expect(page).toContain("&lt;script&gt;alert");
  });

  it("logs no personal data", async () => {
    await new Browser().arrive("/open/start");
    expect(lines).toEqual(["account opened"]);
  });
});

describe("a sign-in", () => {
  it("offers an account to a person who has none", async () => {
    const response = await new Browser().arrive("/sign-in");
    expect(response.status).toBe(403);
    const page = await response.text();
    expect(page).toContain('data-trouble="not-a-customer"');
    expect(page).toContain('data-testid="open-account"');
  });

  it("gives another session id, so that a planted one is worth nothing", async () => {
    const browser = new Browser();
    const back = await browser.approve("/open/start");
    const before = browser.cookies.get("harukaze_session")!;
    await browser.open(back);
    expect(browser.cookies.get("harukaze_session")).not.toBe(before);
    const planted = new Browser();
    planted.cookies.set("harukaze_session", before);
    expect((await planted.open("/account")).headers.get("location")).toBe("/");
  });

  it("does not finish in another browser", async () => {
    const back = await new Browser().approve("/open/start");
    const other = new Browser();
    const response = await other.open(back);
    expect(response.status).toBe(400);
    expect(await troubleIn(response)).toBe("wrong-browser");
    expect((await other.open("/account")).headers.get("location")).toBe("/");
  });

  it("does not finish in a browser that began another one", async () => {
    const back = await new Browser().approve("/open/start");
    const other = new Browser();
    await other.open("/sign-in");
    expect(await troubleIn(await other.open(back))).toBe("wrong-browser");
  });

  it("works in two tabs at once", async () => {
    const browser = new Browser();
    const first = await browser.approve("/open/start");
    const second = await browser.approve("/open/start");
    expect((await browser.open(first)).headers.get("location")).toBe("/open/complete");
    expect((await browser.open(second)).headers.get("location")).toBe("/account");
  });

  it("leads to one's page when the callback is loaded again", async () => {
    const browser = new Browser();
    const back = await browser.approve("/open/start");
    await browser.open(back);
    expect((await browser.open(back)).headers.get("location")).toBe("/account");
  });

  it("does not begin where the provider is away, and says so", async () => {
    const gone = await startTestProvider();
    await gone.close();
    const xid = createXid({
      issuer: gone.issuer,
      redirectUri: callback,
      store: fileStore(join(directory, "other.json")),
      registration: { name: "はるかぜ銀行", purpose: { ja: "本人確認", en: "Identification" } },
    });
    app = createApp({ url, xid, customers, clock: Date.now, log: (line) => lines.push(line) });
    const response = await new Browser().open("/sign-in");
    expect(response.status).toBe(503);
    expect(await troubleIn(response)).toBe("unavailable");
  });
});

describe("signing out", () => {
  it("ends the session, from the bank's own page only", async () => {
    const browser = new Browser();
    await browser.arrive("/open/start");
    const session = browser.cookies.get("harukaze_session")!;
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const forged = { method: "POST", headers: { ...form, origin: "https://evil.example" } };
    expect((await browser.open("/sign-out", forged)).status).toBe(403);
    expect((await browser.open("/account")).status).toBe(200);
    const own = { method: "POST", headers: { ...form, origin: url } };
    expect((await browser.open("/sign-out", own)).headers.get("location")).toBe("/signed-out");
    browser.cookies.set("harukaze_session", session);
    expect((await browser.open("/account")).headers.get("location")).toBe("/");
  });
});

describe("every page", () => {
  it("speaks English when asked, and leads back to pages of its own only", async () => {
    const browser = new Browser();
    const response = await browser.open("/language?to=en&from=/open");
    expect(response.headers.get("location")).toBe("/open");
    expect(await (await browser.open("/open")).text()).toContain('<html lang="en">');
    for (const from of ["https://evil.example", "//evil.example", "/\\evil.example"]) {
      const elsewhere = await browser.open(`/language?to=ja&from=${encodeURIComponent(from)}`);
      expect(elsewhere.headers.get("location")).toBe("/");
    }
  });

  it("allows nothing from elsewhere and nothing inline", async () => {
    for (const path of ["/", "/open", "/nowhere", "/bank.css"]) {
      const response = await new Browser().open(path);
      expect(response.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'");
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      const text = await response.text();
      expect(text).not.toMatch(/\sstyle="|<style|\son\w+="|https?:\/\/(?!localhost)/);
    }
  });

  it("sets cookies that scripts cannot read, under names of its own", async () => {
    const response = await new Browser().open("/sign-in");
    for (const line of response.headers.getSetCookie()) {
      expect(line).toMatch(/^harukaze_/);
      expect(line).toContain("HttpOnly");
      expect(line).toContain("SameSite=Lax");
    }
  });

  it("is at one address, since a cookie set at another would be lost", async () => {
    const response = await app.request("http://127.0.0.1:14003/open");
    expect(response.status).toBe(307);
    expect(response.headers.get("location")).toBe(`${url}/open`);
  });
});

describe("a sign-out in the xID app", () => {
  const told = async (claims: Record<string, unknown>) => {
    const now = Math.floor(Date.now() / 1000);
    const events = { "http://schemas.openid.net/event/backchannel-logout": {} };
    const common = { iss: provider.issuer, iat: now, exp: now + 60, jti: "j", events };
    const token = await provider.sign({ ...common, ...claims }, { typ: "logout+jwt" });
    // As the provider calls: no cookie, no origin.
    return app.request(`${url}/backchannel-logout`, {
      method: "POST",
      body: new URLSearchParams({ logout_token: token }),
    });
  };
  const signInIn = async (browser: Browser) => {
    let claims: Record<string, unknown> = {};
    provider.tamper = ({ path, body }) => {
      if (path === "/token") claims = decodeJwt((body as { id_token: string }).id_token);
    };
    await browser.arrive("/open/start");
    provider.tamper = undefined;
    const { aud, sub, sid } = claims;
    return { aud, sub, sid };
  };

  it("signs out the browser of that sign-in, and no other", async () => {
    const [phone, desk] = [new Browser(), new Browser()];
    const signIn = await signInIn(phone);
    await signInIn(desk);
    const answer = await told(signIn);
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect((await phone.open("/account")).headers.get("location")).toBe("/");
    expect((await desk.open("/account")).status).toBe(200);
    expect((await told(signIn)).status).toBe(200);
  });

  it("is believed of the provider only", async () => {
    const browser = new Browser();
    const signIn = await signInIn(browser);
    expect((await told({ ...signIn, aud: "another" })).status).toBe(400);
    expect((await app.request(`${url}/backchannel-logout`, { method: "POST" })).status).toBe(400);
    expect((await browser.open("/account")).status).toBe(200);
  });
});
