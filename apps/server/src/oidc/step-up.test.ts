import { hash } from "node:crypto";
import { decodeJwt, type JWTPayload } from "jose";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { acrs } from "./acr.ts";
import { TestClient } from "./test-client.ts";
import {
  createTestAccount,
  recordApproval,
  startTestProvider,
  TestBrowser,
  type TestProvider,
} from "./test-provider.ts";

let op: TestProvider;
let client: TestClient;

beforeAll(async () => {
  op = await startTestProvider();
  client = await TestClient.register(op, { authorization_details_types: ["urn:xid:card-signature"] });
});
afterAll(() => op.close());

type Outcome = { requestId: string; callback: URL; idToken: JWTPayload | undefined; raw: string | undefined };

/** The whole way of one authorization, approved by a person; a new one unless told. */
async function signIn(parameters: Record<string, unknown>, accountId?: string): Promise<Outcome> {
  const { verifier, parameters: all } = client.authorization({ scope: "openid", ...parameters });
  const pushed = await client.post("/par", all);
  if (pushed.status !== 201) throw new Error(pushed.text);
  const browser = new TestBrowser();
  const requestId = await browser.begin(client.authorizationUrl(pushed.body.request_uri!), op.issuer);
  await recordApproval(op, requestId, {
    accountId: accountId ?? (await createTestAccount(op)).accountId,
    via: "qr",
    items: [],
  });
  const callback = await browser.finish(op.issuer, requestId);
  const code = callback.searchParams.get("code");
  const raw = code ? (await client.redeem(code, verifier)).body.id_token : undefined;
  return { requestId, callback, raw, idToken: raw === undefined ? undefined : decodeJwt(raw) };
}

async function refusal(parameters: Record<string, unknown>): Promise<string | undefined> {
  const { status, body } = await client.post(
    "/par",
    client.authorization({ scope: "openid", ...parameters }).parameters,
  );
  return status === 201 ? undefined : body.error;
}

const levelAsked = async (requestId: string) =>
  (
    await op.database
      .selectFrom("requests")
      .select("asked")
      .where("request_id", "=", requestId)
      .executeTakeFirstOrThrow()
  ).asked.level;
const claims = (acr: object) => ({ claims: JSON.stringify({ id_token: { acr } }) });

describe("what a relying party wants of a sign-in", () => {
  it.each<[string, Record<string, unknown>, string | undefined, string]>([
    ["nothing", {}, undefined, acrs.device],
    ["the weakest", { acr_values: acrs.device }, undefined, acrs.device],
    ["a fresh answer", { acr_values: acrs.fresh }, "fresh", acrs.fresh],
    ["the card", { acr_values: acrs.card }, "card", acrs.card],
    ["the first that there is of several", { acr_values: `urn:other ${acrs.fresh} ${acrs.card}` }, "fresh", acrs.fresh],
    ["what there is not, if that is no matter", { acr_values: "urn:other" }, undefined, acrs.device],
    ["a fresh answer as a claim", claims({ essential: true, value: acrs.fresh }), "fresh", acrs.fresh],
    ["the card as a claim", claims({ essential: true, values: ["urn:other", acrs.card] }), "card", acrs.card],
    ["a claim before acr_values", { acr_values: acrs.fresh, ...claims({ value: acrs.card }) }, "card", acrs.card],
  ])("%s is what is asked of the person, and what the ID token says", async (_, parameters, level, acr) => {
    const { requestId, idToken } = await signIn(parameters);
    expect(await levelAsked(requestId)).toBe(level);
    expect(idToken?.acr).toBe(acr);
    expect(idToken?.amr).toEqual(["swk", "user", ...(level === "card" ? ["sc"] : []), "mfa"]);
  });

  const detail = {
    type: "urn:xid:card-signature",
    document: { text: "契約書" },
    display: { layout: "account_opening", institution: { ja: "銀行", en: "Bank" }, account: "ordinary" },
  };

  it("is the card anyway where the card signs", async () => {
    const { idToken } = await signIn({ authorization_details: JSON.stringify([detail]) });
    expect(idToken).toMatchObject({ acr: acrs.card, amr: expect.arrayContaining(["sc"]) });
  });

  it.each<[string, object]>([
    ["of one value", { essential: true, value: "urn:other" }],
    ["of several", { essential: true, values: ["urn:other", "urn:another"] }],
    ["of values that are none", { essential: true, values: [acrs.card.toUpperCase()] }],
  ])("that cannot be had and must be is refused before anybody is asked: %s", async (_, acr) => {
    expect(await refusal(claims(acr))).toBe("unmet_authentication_requirements");
  });

  it("leads by the ID token to the request and its evidence", async () => {
    const { requestId, idToken } = await signIn({});
    expect(idToken?.txn).toBe(requestId);
  });
});

describe("prompt and max_age", () => {
  it.each(["login", "consent", "select_account", "create", "login consent select_account create"])(
    "%s is met by the approval, like any other",
    async (prompt) => {
      expect((await signIn({ prompt })).idToken).toBeDefined();
    },
  );

  it("none is never met", async () => {
    const { parameters } = client.authorization({ prompt: "none" });
    const pushed = await client.post("/par", parameters);
    const answer = await new TestBrowser().fetch(client.authorizationUrl(pushed.body.request_uri!));
    const { searchParams } = new URL(answer.headers.get("location")!);
    expect(searchParams.get("error")).toBe("login_required");
  });

  it.each(["none login", "silent"])("%s is refused", async (prompt) => {
    expect(await refusal({ prompt })).toBe("invalid_request");
  });

  it.each(["0", "1", "86400"])("max_age %s is met, since everybody approves anew, and says when", async (max_age) => {
    const before = Math.floor(Date.now() / 1000);
    const { idToken } = await signIn({ max_age });
    expect(idToken?.auth_time).toBeGreaterThanOrEqual(before);
  });
});

describe("a hint at who it should be", () => {
  const accountOf = async (requestId: string) =>
    (
      await op.database
        .selectFrom("requests")
        .select("account_id")
        .where("request_id", "=", requestId)
        .executeTakeFirstOrThrow()
    ).account_id;
  const wantedSubject = (value: unknown) => ({ claims: JSON.stringify({ id_token: { sub: { value } } }) });

  /** What a relying party is told without anybody being asked; undefined where somebody is. */
  async function refusedAtOnce(parameters: Record<string, unknown>): Promise<string | null> {
    const pushed = await client.post("/par", client.authorization({ scope: "openid", ...parameters }).parameters);
    const browser = new TestBrowser();
    const begun = await browser.fetch(client.authorizationUrl(pushed.body.request_uri!));
    const ended = await browser.fetch(new URL(begun.headers.get("location")!, op.issuer).href);
    const resumed = await browser.fetch(new URL(ended.headers.get("location")!, op.issuer).href);
    return new URL(resumed.headers.get("location")!).searchParams.get("error");
  }

  it("that is an ID token, or a wanted subject, makes a request for nobody else", async () => {
    const { accountId } = await createTestAccount(op);
    const { raw, idToken } = await signIn({}, accountId);
    for (const parameters of [{ id_token_hint: raw }, wantedSubject(idToken!.sub)]) {
      const { parameters: all } = client.authorization({ scope: "openid", ...parameters });
      const pushed = await client.post("/par", all);
      const requestId = await new TestBrowser().begin(client.authorizationUrl(pushed.body.request_uri!), op.issuer);
      expect(await accountOf(requestId)).toBe(accountId);
      expect((await signIn(parameters, accountId)).idToken?.sub).toBe(idToken!.sub);
    }
  });

  it("that names nobody, or two, is answered at once", async () => {
    const [{ raw }, { idToken: other }] = [await signIn({}), await signIn({})];
    expect(await refusedAtOnce(wantedSubject("A".repeat(43)))).toBe("login_required");
    expect(await refusedAtOnce(wantedSubject(1))).toBe("login_required");
    expect(await refusedAtOnce({ id_token_hint: raw, ...wantedSubject(other!.sub) })).toBe("login_required");
  });

  it("that is a login_hint decides nothing", async () => {
    expect((await signIn({ login_hint: "somebody" })).idToken).toBeDefined();
  });
});

it("items that have left end to end are not told in the clear, whatever the client's metadata say by then", async () => {
  const { verifier, parameters } = client.authorization({ scope: "openid name", nonce: undefined });
  const pushed = await client.post("/par", parameters);
  const browser = new TestBrowser();
  const requestId = await browser.begin(client.authorizationUrl(pushed.body.request_uri!), op.issuer);
  // As it was asked while the metadata still said so.
  await sql`UPDATE requests SET asked = asked || '{"delivery":{}}'::jsonb WHERE request_id = ${requestId}`.execute(
    op.database,
  );
  await recordApproval(op, requestId, { accountId: (await createTestAccount(op)).accountId, via: "qr" });
  const code = (await browser.finish(op.issuer, requestId)).searchParams.get("code");
  const token = (await client.redeem(code!, verifier)).body.access_token!;
  const ath = hash("sha256", token, "base64url");
  const dpop = await client.proof("GET", `${op.issuer}/userinfo`, { ath });
  const answer = await fetch(`${op.issuer}/userinfo`, { headers: { authorization: `DPoP ${token}`, dpop } });
  expect([answer.status, Object.keys((await answer.json()) as object)]).toEqual([200, ["sub"]]);
});
