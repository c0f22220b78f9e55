import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeJwt } from "jose";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addressedLimits } from "../../request/address.ts";
import { redirectUri, TestClient } from "../test-client.ts";
import { linkAccount, recordApproval, registerClient, startTestProvider, type TestProvider } from "../test-provider.ts";
import { requestIdOf } from "./request-id.ts";

const ciba = "urn:openid:params:grant-type:ciba";
const metadata = { grant_types: ["authorization_code", ciba], backchannel_token_delivery_mode: "poll" };

let op: TestProvider;
let client: TestClient;
let accountId: string;
/** The person's subject at the client. */
let subject: string;
let idToken: string;

beforeAll(async () => {
  op = await startTestProvider();
  client = await TestClient.register(op, metadata);
});
afterAll(() => op.close());

beforeEach(async () => {
  ({ accountId, subject, idToken } = await signedInPerson(client));
});

/** Signs a new person in and links them, so that the client knows their subject. */
async function signedInPerson(at: TestClient) {
  const { verifier, parameters } = at.authorization({ scope: "openid" });
  const callback = await at.signIn(await at.post("/par", parameters));
  const { body } = await at.redeem(callback.searchParams.get("code")!, verifier);
  const idToken = body.id_token!;
  const subject = decodeJwt(idToken).sub!;
  const row = await op.database
    .selectFrom("subjects")
    .select("account_id")
    .where("subject", "=", subject)
    .executeTakeFirstOrThrow();
  await linkAccount(op, { accountId: row.account_id, clientId: at.clientId });
  return { subject, idToken, accountId: row.account_id };
}

const ask = (changes: Record<string, unknown> = {}, at = client) =>
  at.post("/bc-authorize", { scope: "openid", login_hint: subject, ...changes });
async function poll(authReqId: string, at = client) {
  const dpop = await at.proof("POST", `${op.issuer}/token`);
  return at.post("/token", { grant_type: ciba, auth_req_id: authReqId }, {}, { dpop });
}
const approve = (authReqId: string) => recordApproval(op, requestIdOf(authReqId), { accountId, via: "push" });

describe("a request over the back channel", () => {
  it("waits, and gives the tokens once when the person has approved", async () => {
    const { status, body } = await ask({ binding_message: "振込 100,000円" });
    expect([status, body]).toEqual([200, { auth_req_id: expect.any(String), expires_in: 360, interval: 2 }]);
    expect((await poll(body.auth_req_id!)).body.error).toBe("authorization_pending");
    await approve(body.auth_req_id!);
    const tokens = await poll(body.auth_req_id!);
    expect(tokens.status).toBe(200);
    expect(decodeJwt(tokens.body.id_token!)).toMatchObject({ sub: subject, auth_time: expect.any(Number) });
    expect((await poll(body.auth_req_id!)).body.error).toBe("invalid_grant");
  });

  it("gives them once to many that ask at the same moment", async () => {
    const { body } = await ask();
    await approve(body.auth_req_id!);
    const answers = await Promise.all(Array.from({ length: 8 }, () => poll(body.auth_req_id!)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it("knows its person by an ID token, too", async () => {
    const { status, body } = await ask({ login_hint: undefined, id_token_hint: idToken });
    expect(status).toBe(200);
    await approve(body.auth_req_id!);
    expect(decodeJwt((await poll(body.auth_req_id!)).body.id_token!).sub).toBe(subject);
  });

  it("loses no approval to a process that was killed between the decision and the tokens", async () => {
    const { body } = await ask();
    await approve(body.auth_req_id!);
    // As far as a first process came: it has taken the approval, and nobody has the tokens.
    const taken = { state: "completed", completed_at: new Date() } as const;
    await op.database
      .updateTable("requests")
      .set(taken)
      .where("request_id", "=", requestIdOf(body.auth_req_id!))
      .execute();
    expect((await poll(body.auth_req_id!)).status).toBe(200);
    expect((await poll(body.auth_req_id!)).body.error).toBe("invalid_grant");
  });

  it.each(["declined", "cancelled", "failed"] as const)("says that it was denied when it is %s", async (state) => {
    const { body } = await ask();
    const requestId = requestIdOf(body.auth_req_id!);
    await op.database.updateTable("requests").set({ state }).where("request_id", "=", requestId).execute();
    expect((await poll(body.auth_req_id!)).body.error).toBe("access_denied");
  });

  it("says that its time is over", async () => {
    const { body } = await ask();
    await op.database
      .updateTable("requests")
      .set({ expires_at: new Date(Date.now() - 1) })
      .where("request_id", "=", requestIdOf(body.auth_req_id!))
      .execute();
    expect((await poll(body.auth_req_id!)).body.error).toBe("expired_token");
  });

  it("gives nothing when the person has unlinked the service after the approval", async () => {
    const { body } = await ask();
    await approve(body.auth_req_id!);
    await op.database
      .updateTable("consents")
      .set({ revoked_at: new Date(Date.now() + 1) })
      .where("account_id", "=", accountId)
      .execute();
    expect((await poll(body.auth_req_id!)).body.error).toBe("access_denied");
  });

  it.each([
    ["1", 30],
    ["45", 45],
    ["100000", 900],
  ])("may ask for %s seconds and gets them within bounds", async (requested, seconds) => {
    expect((await ask({ requested_expiry: requested })).body.expires_in).toBe(seconds + 60);
  });

  it("asks for items and for a card's signature like any other", async () => {
    const signing = await TestClient.register(op, {
      ...metadata,
      authorization_details_types: ["urn:xid:card-signature"],
    });
    const person = await signedInPerson(signing);
    const text = "契約書\n".repeat(3_000);
    const detail = {
      type: "urn:xid:card-signature",
      document: { text },
      display: { layout: "account_opening", institution: { ja: "銀行", en: "Bank" }, account: "ordinary" },
    };
    const details = JSON.stringify([detail]);
    const asking = { login_hint: person.subject, scope: "openid name", authorization_details: details };
    const { status, body } = await ask(asking, signing);
    expect(status).toBe(200);
    const requestId = requestIdOf(body.auth_req_id!);
    const request = await op.database
      .selectFrom("requests")
      .selectAll()
      .where("request_id", "=", requestId)
      .executeTakeFirstOrThrow();
    expect(request).toMatchObject({ kind: "card_signature", via: "push", account_id: person.accountId });
    expect(request.asked.items).toEqual([{ name: "name", required: false }]);
    await recordApproval(op, requestId, { accountId: person.accountId, via: "push", items: ["name"] });
    const tokens = await poll(body.auth_req_id!, signing);
    expect(tokens.body.authorization_details).toEqual([
      { type: "urn:xid:card-signature", request_id: requestId, evidence_id: expect.any(String) },
    ]);
  });

  it("keeps what it says and its notification token out of the tables", async () => {
    const said = "振込の確認です";
    await ask({ binding_message: said });
    const { rows } = await sql<{ row: string }>`
      SELECT payload::text AS row FROM oidc_artefacts UNION ALL SELECT requests::text FROM requests`.execute(
      op.database,
    );
    for (const { row } of rows) {
      expect(row).not.toContain(said);
      expect(row).not.toContain(Buffer.from(said).toString("hex"));
    }
  });
});

describe("is refused over the back channel", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["a message of two lines", { binding_message: "a\nb" }, "invalid_binding_message"],
    ["a message that turns its direction around", { binding_message: "100\u202e円" }, "invalid_binding_message"],
    ["a message that is too long", { binding_message: "あ".repeat(201) }, "invalid_binding_message"],
    ["nobody", { login_hint: undefined }, "invalid_request"],
    ["a subject that nobody has", { login_hint: "A".repeat(43) }, "unknown_user_id"],
    ["a subject that is too long", { login_hint: "A".repeat(300) }, "unknown_user_id"],
    ["a token instead of a hint", { login_hint: undefined, login_hint_token: "x" }, "invalid_request"],
    ["a user code", { user_code: "1234" }, "invalid_request"],
    ["an expiry that is none", { requested_expiry: "-5" }, "invalid_request"],
    ["an ID token that is not ours", { login_hint: undefined, id_token_hint: "e30.e30.e30" }, "invalid_request"],
  ])("%s", async (_, changes, error) => {
    const { status, body } = await ask(changes);
    expect([status, body.error]).toEqual([400, error]);
  });

  it("a client that was not registered for it", async () => {
    const plain = await TestClient.register(op);
    expect((await ask({}, plain)).body.error).toBe("invalid_request");
  });

  it("a person who is not linked any more, as if there were none", async () => {
    await op.database
      .updateTable("consents")
      .set({ revoked_at: new Date() })
      .where("account_id", "=", accountId)
      .execute();
    expect((await ask()).body.error).toBe("unknown_user_id");
    expect((await ask({ login_hint: undefined, id_token_hint: idToken })).body.error).toBe("unknown_user_id");
  });

  it("a client of the same sector with which the person is not linked", async () => {
    const sibling = await TestClient.register(op, metadata);
    expect((await ask({}, sibling)).body.error).toBe("unknown_user_id");
  });

  it("a client of another sector that has learned the subject", async () => {
    const other = await TestClient.register(op, { ...metadata, redirect_uris: ["https://other.example/callback"] });
    await linkAccount(op, { accountId, clientId: other.clientId });
    expect((await ask({}, other)).body.error).toBe("unknown_user_id");
  });

  it("a client whose requests the person has blocked", async () => {
    await op.database
      .updateTable("consents")
      .set({ requests_blocked_at: new Date() })
      .where("account_id", "=", accountId)
      .execute();
    const { status, body } = await ask();
    expect([status, body.error]).toEqual([403, "access_denied"]);
  });

  it("more requests than may wait for one person, and leaves nothing of them", async () => {
    for (let n = 0; n < addressedLimits.waiting; n++) expect((await ask()).status).toBe(200);
    const count = async () =>
      (
        await op.database
          .selectFrom("oidc_artefacts")
          .select("id")
          .where("model", "=", "BackchannelAuthenticationRequest")
          .execute()
      ).length;
    const before = await count();
    const { status, body } = await ask();
    expect([status, body.error]).toEqual([403, "access_denied"]);
    expect(await count()).toBe(before);
  });

  it("another client that has learned of an auth_req_id", async () => {
    const { body } = await ask();
    await approve(body.auth_req_id!);
    const other = await TestClient.register(op, metadata);
    expect((await poll(body.auth_req_id!, other)).body.error).toBe("invalid_grant");
    expect((await poll(body.auth_req_id!)).status).toBe(200);
  });

  it.each<[string, object]>([
    ["that cannot prove itself", { token_endpoint_auth_method: "none", jwks: undefined }],
    ["whom nobody can know from a sign-in", { grant_types: [ciba], response_types: [] }],
    ["that wants user codes", { backchannel_user_code_parameter: true }],
    ["that does not say how it hears of results", { backchannel_token_delivery_mode: undefined }],
    ["that is to be told nowhere", { backchannel_token_delivery_mode: "ping" }],
    [
      "that is to be told without TLS",
      { backchannel_token_delivery_mode: "ping", backchannel_client_notification_endpoint: "http://bank.example/ping" },
    ],
    ["that wants the result pushed", { backchannel_token_delivery_mode: "push" }],
  ])("the registration of a client %s", async (_, changes) => {
    const { status, body } = await registerClient(op.issuer, {
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [{ ...client.key.jwk, kid: "1", use: "sig" }] },
      ...metadata,
      ...changes,
    });
    expect([status, body.error]).toEqual([400, "invalid_client_metadata"]);
  });
});

describe("a client that wants to be told", () => {
  let told: { headers: IncomingHttpHeaders; body: string }[];
  let answers: number[];
  const notified = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      told.push({ headers: request.headers, body });
      response.writeHead(answers.shift() ?? 204, { location: "http://localhost:9/" }).end();
    });
  });
  let pinged: TestClient;

  beforeAll(async () => {
    notified.listen(0);
    await once(notified, "listening");
    const endpoint = `http://localhost:${(notified.address() as AddressInfo).port}/ping`;
    const ping = { backchannel_token_delivery_mode: "ping", backchannel_client_notification_endpoint: endpoint };
    pinged = await TestClient.register(op, { ...metadata, ...ping });
  });
  afterAll(() => notified.close());
  beforeEach(async () => {
    told = [];
    answers = [];
    await op.database.deleteFrom("back_channel_announcements").execute();
    ({ accountId, subject } = await signedInPerson(pinged));
  });

  const token = "token-of-the-client";
  const askPinged = async () => (await ask({ client_notification_token: token }, pinged)).body.auth_req_id!;
  const announce = async () => {
    for (const announcer of op.announcers) await announcer.announceDue();
  };
  const again = () =>
    op.database
      .updateTable("back_channel_announcements")
      .set({ next_attempt_at: new Date(0) })
      .execute();

  it("is told once, with its own token, when the person has decided", async () => {
    const authReqId = await askPinged();
    await announce();
    expect(told).toEqual([]);
    await approve(authReqId);
    await Promise.all(op.announcers.map((announcer) => announcer.announceDue()));
    await announce();
    expect(told).toEqual([
      {
        headers: expect.objectContaining({ authorization: `Bearer ${token}` }),
        body: JSON.stringify({ auth_req_id: authReqId }),
      },
    ]);
    expect((await poll(authReqId, pinged)).status).toBe(200);
  });

  it("is not told at an address that is no public one, outside a sandbox", async () => {
    await approve(await askPinged());
    const { profile } = op.config;
    Object.assign(op.config, { profile: "production" });
    await announce().finally(() => Object.assign(op.config, { profile }));
    expect(told).toEqual([]);
    await again();
    await announce();
    expect(told).toHaveLength(1);
  });

  it("is told of a refusal, too", async () => {
    const authReqId = await askPinged();
    const requestId = requestIdOf(authReqId);
    await op.database.updateTable("requests").set({ state: "declined" }).where("request_id", "=", requestId).execute();
    await announce();
    expect(told).toHaveLength(1);
  });

  it.each([
    ["fails", 500],
    ["sends somewhere else", 302],
  ])("that %s is told again later, until it has taken it", async (_, status) => {
    answers = [status];
    await approve(await askPinged());
    await announce();
    await announce();
    expect(told).toHaveLength(1);
    await again();
    await announce();
    await again();
    await announce();
    expect(told).toHaveLength(2);
  });

  it("needs a token for it", async () => {
    expect((await ask({}, pinged)).body.error).toBe("invalid_request");
    expect((await ask({ client_notification_token: "a b" }, pinged)).body.error).toBe("invalid_request");
  });
});
