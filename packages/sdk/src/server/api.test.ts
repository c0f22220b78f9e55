import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { startTestProvider, type TestProvider } from "../testing/test-provider.ts";
import { type Api, createApi } from "./api.ts";
import { createClient } from "./client.ts";

const registration = { name: "はるかぜ銀行", purpose: { ja: "口座開設のため", en: "To open an account" } };
const problem = (code: string, status: number) => ({
  type: "about:blank",
  title: code,
  status,
  code,
  mendedBy: "relying_party",
  resident: { ja: "…", en: "…" },
});

type Seen = { method?: string; url?: string; headers: Record<string, unknown>; body: string };

let provider: TestProvider;
let api: Api;
let waited: number[];
let seen: Seen[];
/** What is answered to each call in turn. */
let answers: ({ status: number; body: object; headers?: Record<string, string> } | "cut")[];

beforeAll(async () => {
  provider = await startTestProvider();
});
afterAll(() => provider.close());
beforeEach(() => {
  let text: string | undefined;
  const store = {
    read: async () => text,
    write: async (written: string) => {
      text = written;
    },
  };
  waited = [];
  seen = [];
  answers = [];
  const client = createClient({
    issuer: provider.issuer,
    redirectUri: "http://127.0.0.1:9/callback",
    store,
    registration,
  });
  api = createApi(client, async (seconds) => {
    waited.push(seconds);
  });
  provider.api = async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push({ method: request.method!, url: request.url!, headers: request.headers, body });
    const answer = answers.shift() ?? { status: 200, body: { done: true } };
    if (answer === "cut") return void response.destroy();
    const { status, headers = {} } = answer;
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(answer.body));
  };
});

const Done = z.object({ done: z.literal(true) });
const read = () => api.json({ method: "GET", path: "/things", scope: "webhooks", query: { after: "a b" } }, Done);
const create = (idempotencyKey?: string) =>
  api.json({ method: "POST", path: "/things", scope: "webhooks", body: { a: 1 }, idempotencyKey }, Done);

describe("a call of the API", () => {
  it("is made with a token of its own that is bound to the client's key, and kept for the next call", async () => {
    await read();
    await read();
    expect(seen.map(({ url }) => url)).toEqual(["/v1/things?after=a+b", "/v1/things?after=a+b"]);
    expect(seen[0]!.headers.authorization).toMatch(/^DPoP /);
    expect(seen[1]!.headers.authorization).toBe(seen[0]!.headers.authorization);
    expect(seen[1]!.headers.dpop).not.toBe(seen[0]!.headers.dpop);
    expect(provider.registered.at(-1)).toMatchObject({ grant_types: ["authorization_code", "client_credentials"] });
  });

  it("that creates something carries an idempotency key, and the same one when it is sent again", async () => {
    answers = ["cut", { status: 409, body: problem("IDEMPOTENCY_KEY_IN_USE", 409), headers: { "retry-after": "2" } }];
    await create();
    const keys = seen.map(({ headers }) => headers["idempotency-key"]);
    expect([keys.length, new Set(keys).size]).toEqual([3, 1]);
    expect(keys[0]).toMatch(/^"[0-9a-f-]{36}"$/);
    expect(waited).toEqual([1, 2]);
    await create("order-1");
    expect(seen.at(-1)!.headers["idempotency-key"]).toBe('"order-1"');
  });

  it("waits as long as it is told, but not for ever", async () => {
    const busy = { status: 429, body: problem("RATE_LIMITED", 429), headers: { "retry-after": "3" } };
    answers = [busy, busy, busy, busy];
    await expect(read()).rejects.toMatchObject({ code: "API_REFUSED", problem: { code: "RATE_LIMITED" } });
    expect(waited).toEqual([3, 3, 3]);
    answers = [{ ...busy, headers: { "retry-after": "3600" } }];
    await expect(read()).rejects.toMatchObject({ code: "API_REFUSED" });
    expect(seen).toHaveLength(5);
  });

  it("gets another token when the provider has forgotten the first, once", async () => {
    const forgotten = {
      status: 401,
      body: problem("TOKEN_INVALID", 401),
      headers: { "www-authenticate": 'Bearer error="invalid_token", DPoP error="invalid_token"' },
    };
    answers = [forgotten];
    expect(await read()).toEqual({ done: true });
    expect(seen[1]!.headers.authorization).not.toBe(seen[0]!.headers.authorization);
    answers = [forgotten, forgotten];
    await expect(read()).rejects.toMatchObject({ code: "PROVIDER_ERROR", oauthError: "invalid_token" });
  });

  it("says with the API's problem why it was refused", async () => {
    answers = [{ status: 404, body: problem("NOT_FOUND", 404) }];
    await expect(read()).rejects.toMatchObject({ code: "API_REFUSED", problem: { code: "NOT_FOUND" } });
    expect(seen).toHaveLength(1);
  });

  it("takes no answer of another form", async () => {
    answers = [
      { status: 200, body: { done: "perhaps" } },
      { status: 418, body: {} },
    ];
    await expect(read()).rejects.toMatchObject({ code: "RESPONSE_INVALID" });
    await expect(read()).rejects.toMatchObject({ code: "RESPONSE_INVALID" });
  });

  it("sends bytes as they are", async () => {
    const body = { bytes: Buffer.from("%PDF-1.7"), mediaType: "application/pdf" };
    await api.nothing({ method: "POST", path: "/things", scope: "documents", body });
    expect([seen[0]!.headers["content-type"], seen[0]!.body]).toEqual(["application/pdf", "%PDF-1.7"]);
  });
});
