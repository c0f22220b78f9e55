import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { returnAddress } from "../request/return-secret.ts";
import {
  createTestAccount,
  recordApproval,
  registerClient,
  startTestProvider,
  TestBrowser,
  type TestProvider,
} from "./test-provider.ts";

const redirectUri = "http://localhost:4003/callback";

let op: TestProvider;
let clientId: string;
beforeAll(async () => {
  op = await startTestProvider();
  clientId = (await registerClient(op.issuer, { redirect_uris: [redirectUri] })).body.client_id as string;
});
afterAll(() => op.close());

const authorizationUrl = (client = clientId) => {
  const query = new URLSearchParams({
    client_id: client,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "openid name",
    code_challenge: randomBytes(32).toString("base64url"),
    code_challenge_method: "S256",
  });
  return `${op.issuer}/authorize?${query}`;
};
const begin = (browser: TestBrowser, client = clientId) => browser.begin(authorizationUrl(client), op.issuer);

const setRequest = (requestId: string, values: { state: "opened" | "declined"; via?: "qr"; check_number?: string }) =>
  op.database.updateTable("requests").set(values).where("request_id", "=", requestId).execute();

/** Events of a page's stream, one by one. */
async function* events(response: Response): AsyncGenerator<{ event: string; data: Record<string, string | null> }> {
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const parts = text.split("\n\n");
    text = parts.pop() as string;
    for (const part of parts) {
      const [, event = "", data = ""] = /event: (.*)\ndata: (.*)/.exec(part) ?? [];
      yield { event, data: JSON.parse(data) };
    }
  }
}

describe("a sign-in page", () => {
  test("gets a new code each second, then every state, also from another process", async () => {
    const browser = new TestBrowser();
    const requestId = await begin(browser);
    const stop = new AbortController();
    const response = await browser.fetch(`${op.otherUrl}/interaction/${requestId}/events`, { signal: stop.signal });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const stream = events(response);
    const next = async () => (await stream.next()).value as { event: string; data: Record<string, string | null> };
    expect(await next()).toEqual({ event: "state", data: { state: "created", via: null, checkNumber: null } });
    const codes = [(await next()).data.code, (await next()).data.code, (await next()).data.code];
    expect(new Set(codes).size).toBeGreaterThanOrEqual(2);
    for (const code of codes) expect(code).toMatch(/^[A-Za-z0-9_-]{16}$/);
    await setRequest(requestId, { state: "opened", via: "qr", check_number: "07" });
    let event = await next();
    while (event.event === "code") event = await next();
    expect(event.data).toEqual({ state: "opened", via: "qr", checkNumber: "07" });
    const status = await browser.fetch(`${op.issuer}/interaction/${requestId}/status`);
    expect(await status.json()).toEqual({ state: "opened", via: "qr", checkNumber: "07", code: null });
    await setRequest(requestId, { state: "declined" });
    expect((await next()).data).toMatchObject({ state: "declined" });
    stop.abort();
    const callback = await browser.finish(op.issuer, requestId, "cancel");
    expect(callback.searchParams.get("error_description")).toBe("the request is declined");
  });

  test.each([
    ["both names", { "client_name#ja": "試験銀行", "client_name#en": "Test Bank" }, "試験銀行", "Test Bank"],
    ["an English name beside the other", { "client_name#en": "Test Bank" }, "テスト銀行", "Test Bank"],
    ["one name", {}, "テスト銀行", "テスト銀行"],
    ["no name", { client_name: undefined }, undefined, undefined],
  ])("calls a service of %s as its language does", async (_, metadata, ja, en) => {
    const { body } = await registerClient(op.issuer, { redirect_uris: [redirectUri], ...metadata });
    const browser = new TestBrowser();
    const page = `${op.issuer}/interaction/${await begin(browser, body.client_id)}`;
    const heading = async (language: string) =>
      /<h1>(.*?)<\/h1>/.exec(await (await browser.fetch(`${page}?lang=${language}`)).text())?.[1];
    expect(await heading("ja")).toContain(ja ?? body.client_id);
    expect(await heading("en")).toContain(en ?? body.client_id);
  });

  test("is shown to each of twenty parallel calls in two processes, and begins one request", async () => {
    const open = async () => {
      const browser = new TestBrowser();
      const { pathname } = new URL((await browser.fetch(authorizationUrl())).headers.get("location") ?? "", op.issuer);
      const pages = Array.from({ length: 20 }, (_, call) =>
        browser.fetch(`${call % 2 ? op.otherUrl : op.issuer}${pathname}`, {
          headers: { accept: call % 4 > 1 ? "application/json" : "text/html" },
        }),
      );
      return (await Promise.all(pages)).map(({ status }) => status);
    };
    const statuses = (await Promise.all(Array.from({ length: 8 }, open))).flat();
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  test("that is loaded again shows what was asked first, also when the client has another name by then", async () => {
    const { body } = await registerClient(op.issuer, { redirect_uris: [redirectUri] });
    const browser = new TestBrowser();
    const page = `/interaction/${await begin(browser, body.client_id)}`;
    // The other process has not met this client yet.
    await op.database
      .updateTable("oidc_artefacts")
      .set({ payload: sql`payload || '{"client_name": "別の名前"}'` })
      .where("id", "=", body.client_id as string)
      .where("model", "=", "Client")
      .execute();
    const again = await browser.fetch(`${op.otherUrl}${page}`);
    expect(again.status).toBe(200);
    expect(await again.text()).toContain("テスト銀行");
  });

  test("opens no more streams for one request than somebody could look at", async () => {
    const browser = new TestBrowser();
    const requestId = await begin(browser);
    const stop = new AbortController();
    const open = () => browser.fetch(`${op.issuer}/interaction/${requestId}/events`, { signal: stop.signal });
    const streams = await Promise.all([open(), open(), open(), open()]);
    await Promise.all(streams.map((stream) => events(stream).next()));
    expect((await open()).status).toBe(503);
    stop.abort();
    await expect
      .poll(async () => (await browser.fetch(`${op.issuer}/interaction/${requestId}/status`)).status)
      .toBe(200);
  });
});

describe("coming back on the same device", () => {
  const approved = async (browser: TestBrowser) => {
    const requestId = await begin(browser);
    const { accountId } = await createTestAccount(op);
    await recordApproval(op, requestId, { accountId, via: "link" });
    const [url, secret] = returnAddress({ sealer: op.sealer, config: op.config }, requestId).split("#");
    return { requestId, url: url as string, secret: secret as string };
  };
  const json = (secret: string) => ({
    method: "POST",
    body: JSON.stringify({ secret }),
    headers: { "content-type": "application/json", prefer: "return=representation" },
  });

  test("needs the secret that the app brought, and the browser that began", async () => {
    const browser = new TestBrowser();
    const { requestId, url, secret } = await approved(browser);
    expect((await browser.fetch(url)).status).toBe(200);

    const elsewhere = await fetch(url);
    expect(elsewhere.status).toBe(403);
    expect(await elsewhere.text()).toContain("はじめのブラウザに戻ってください");
    expect((await fetch(url, json(secret))).status).toBe(403);
    const stranger = new TestBrowser();
    await begin(stranger);
    expect((await stranger.fetch(url, json(secret))).status).toBe(403);

    expect((await browser.fetch(url, json("guess"))).status).toBe(403);
    expect((await browser.fetch(`${op.issuer}/interaction/${requestId}/finish`, { method: "POST" })).status).toBe(403);
    expect((await browser.fetch(url, json("x".repeat(5000)))).status).toBe(413);

    const answer = await browser.fetch(url, json(secret));
    const { location } = (await answer.json()) as { location: string };
    const resumed = await browser.fetch(location);
    expect(resumed.headers.get("location")).toContain(`${redirectUri}?code=`);
  });

  test("redirects who does not ask for the address, and a page that is loaded again goes on by itself", async () => {
    const browser = new TestBrowser();
    const { requestId, url, secret } = await approved(browser);
    const first = await browser.fetch(url, {
      method: "POST",
      body: JSON.stringify({ secret }),
      redirect: "manual",
    });
    expect(first.status).toBe(303);
    const again = await browser.fetch(`${op.issuer}/interaction/${requestId}`);
    expect(again.headers.get("location")).toBe(first.headers.get("location"));
  });
});

describe("a client that takes items end to end", () => {
  let keys: object[] = [];
  const server = createServer((_, response) => response.end(JSON.stringify({ keys })));
  let client: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const { port } = server.address() as AddressInfo;
    const metadata = { xid_attribute_delivery: "end_to_end", jwks_uri: `http://localhost:${port}/jwks.json` };
    const { body } = await registerClient(op.issuer, { redirect_uris: [redirectUri], ...metadata });
    client = body.client_id as string;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test("is told at once when it has no key for them, and nobody is bothered", async () => {
    const browser = new TestBrowser();
    const first = await browser.fetch(authorizationUrl(client));
    const page = await browser.fetch(new URL(first.headers.get("location")!, op.issuer).href);
    const resumed = await browser.fetch(new URL(page.headers.get("location")!, op.issuer).href);
    const callback = new URL(resumed.headers.get("location")!);
    expect(callback.origin + callback.pathname).toBe(redirectUri);
    expect(callback.searchParams.get("error")).toBe("invalid_request");
    expect(callback.searchParams.get("error_description")).toContain("no P-256 key for encryption");
  });

  test("has its key named in what is asked, so that the app can compare it", async () => {
    const { x, y } = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
    const key = { kty: "EC", crv: "P-256", x, y, use: "enc", kid: "1" };
    keys = [key];
    const url = authorizationUrl(client).replace("scope=openid+name", "scope=openid+name+latest_attributes");
    const requestId = await new TestBrowser().begin(url, op.issuer);
    const { asked } = await op.database
      .selectFrom("requests")
      .select("asked")
      .where("request_id", "=", requestId)
      .executeTakeFirstOrThrow();
    // What the platform tells by itself later would not go end to end.
    expect(asked).not.toHaveProperty("latestAttributes");
    expect(asked.delivery).toEqual({ recipient: { jwksUri: expect.stringContaining("/jwks.json"), key } });
  });
});
