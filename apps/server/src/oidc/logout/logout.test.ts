import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  compactDecrypt,
  createRemoteJWKSet,
  decodeJwt,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  jwtVerify,
} from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { endSessions, signOut } from "../../session/end-sessions.ts";
import { transaction } from "../../store/database.ts";
import { redirectUri, TestClient } from "../test-client.ts";
import { createTestAccount, registerClient, startTestProvider, type TestProvider } from "../test-provider.ts";

let op: TestProvider;
/** What relying parties were sent, and what the next answers are; 200 unless told. */
const received: { path: string; type: string | undefined; token: string }[] = [];
const answers: number[] = [];
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const token = new URLSearchParams(body).get("logout_token") ?? "";
  received.push({ path: request.url ?? "", type: request.headers["content-type"], token });
  response.writeHead(answers.shift() ?? 200).end();
});
let origin: string;
beforeAll(async () => {
  op = await startTestProvider();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await op.close();
});
afterEach(() => {
  received.length = 0;
  answers.length = 0;
});

const platform = () => ({ database: op.database, clock: Date.now });
const notify = async () =>
  (await Promise.all(op.logoutNotifiers.map((notifier) => notifier.notifyDue()))).reduce((a, b) => a + b);
const bankAt = (path: string, metadata: object = {}) =>
  TestClient.register(op, { backchannel_logout_uri: `${origin}${path}`, ...metadata });

async function signIn(client: TestClient, account: { accountId: string }): Promise<SignedIn> {
  const { parameters, verifier } = client.authorization();
  const callback = await client.signIn(await client.post("/par", parameters), {}, account);
  const { body } = await client.redeem(String(callback.searchParams.get("code")), verifier);
  const { id_token: idToken = "", access_token: accessToken = "" } = body;
  return { idToken, accessToken, claims: decodeJwt(idToken) };
}

type SignedIn = { idToken: string; accessToken: string; claims: JWTPayload };

/** As if the time of the next attempt had come. */
async function comeDue(clientId: string): Promise<void> {
  await op.database
    .updateTable("sessions")
    .set({ next_attempt_at: new Date() })
    .where("client_id", "=", clientId)
    .where("next_attempt_at", "is not", null)
    .execute();
}

describe("a relying party that wants to know when a sign-in has ended", () => {
  test("is told each sign-in's own sid, and others are told none", async () => {
    const [bank, shop] = [await bankAt("/sid"), await TestClient.register(op)];
    const account = await createTestAccount(op);
    const [first, second] = [await signIn(bank, account), await signIn(bank, account)];
    expect(first.claims.sid).toMatch(/^[\w-]{43}$/);
    expect(second.claims.sid).not.toBe(first.claims.sid);
    expect((await signIn(shop, account)).claims).not.toHaveProperty("sid");
  });

  test("gets a logout token for each, when the person signs out there; access tokens end with it", async () => {
    const [bank, insurer] = [await bankAt("/bank"), await bankAt("/insurer")];
    const account = await createTestAccount(op);
    const [one, two] = [await signIn(bank, account), await signIn(bank, account)];
    await signIn(insurer, account);
    expect(await signOut(platform(), account.accountId, bank.clientId)).toBe(2);
    expect(await notify()).toBe(2);
    expect(received.map(({ path, type }) => `${path} ${type}`)).toEqual(
      Array(2).fill("/bank application/x-www-form-urlencoded"),
    );
    const keys = createRemoteJWKSet(new URL(`${op.issuer}/jwks`));
    const expected = { issuer: op.issuer, audience: bank.clientId, typ: "logout+jwt", algorithms: ["ES256"] };
    const tokens = await Promise.all(received.map(({ token }) => jwtVerify(token, keys, expected)));
    const payloads = tokens.map(({ payload }) => payload);
    expect(payloads.map(({ sid }) => sid).sort()).toEqual([one.claims.sid, two.claims.sid].sort());
    for (const payload of payloads) {
      expect(payload).toMatchObject({
        sub: one.claims.sub,
        events: { "http://schemas.openid.net/event/backchannel-logout": {} },
        jti: expect.stringMatching(/^[\w-]{43}$/),
      });
      expect(payload.exp! - payload.iat!).toBeLessThanOrEqual(120);
      expect(payload).not.toHaveProperty("nonce");
    }
    expect(new Set(payloads.map(({ jti }) => jti)).size).toBe(2);
    const { text } = await bank.post("/introspect", { token: one.accessToken });
    expect(JSON.parse(text)).toEqual({ active: false });
    expect(await notify()).toBe(0);
  });

  test("is told by one of two processes, again until it has taken it, under the same jti", async () => {
    const bank = await bankAt("/again");
    const account = await createTestAccount(op);
    await signIn(bank, account);
    await signOut(platform(), account.accountId);
    answers.push(500, 302);
    expect(await notify()).toBe(0);
    expect(await notify()).toBe(0);
    expect(received).toHaveLength(1);
    await comeDue(bank.clientId);
    expect(await notify()).toBe(0);
    await comeDue(bank.clientId);
    expect(await notify()).toBe(1);
    await comeDue(bank.clientId);
    expect(await notify()).toBe(0);
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ token }) => decodeJwt(token).jti)).size).toBe(1);
  });

  test("that cannot be reached, or is gone, keeps nobody else from being told", async () => {
    const [away, bank] = [
      await bankAt("/away", { backchannel_logout_uri: "http://127.0.0.1:9/" }),
      await bankAt("/there"),
    ];
    const account = await createTestAccount(op);
    for (const client of [away, bank]) await signIn(client, account);
    await op.database.deleteFrom("oidc_artefacts").where("id", "=", "gone").execute();
    await signOut(platform(), account.accountId);
    expect(await notify()).toBe(1);
    expect(received.map(({ path }) => path)).toEqual(["/there"]);
  });

  test("ends one sign-in itself, without being told, by its ID token; the others stay", async () => {
    const bank = await bankAt("/itself");
    const account = await createTestAccount(op);
    const [one, two] = [await signIn(bank, account), await signIn(bank, account)];
    // The wallet's half, which leaves the consent, is not here.
    const now = new Date();
    const consent = {
      account_id: account.accountId,
      client_id: bank.clientId,
      client_name: '{"ja":"","en":""}',
      domain: "",
    };
    await op.database
      .insertInto("consents")
      .values({ ...consent, items: [], granted_at: now, last_used_at: now })
      .execute();
    await fetch(`${op.issuer}/logout?id_token_hint=${one.idToken}`);
    const rows = await op.database
      .selectFrom("sessions")
      .select(["sid", "ended_because"])
      .where("account_id", "=", account.accountId)
      .execute();
    expect(Object.fromEntries(rows.map(({ sid, ended_because: because }) => [sid, because]))).toEqual({
      [String(one.claims.sid)]: "by_client",
      [String(two.claims.sid)]: null,
    });
    expect(await notify()).toBe(0);
    const elsewhere = two.idToken.replace(/\.[^.]{20}/, ".AAAAAAAAAAAAAAAAAAAA");
    await fetch(`${op.issuer}/logout?id_token_hint=${elsewhere}`);
    const at = new Date();
    const ended = await transaction(op.database, (tx) =>
      endSessions(tx, { accountId: account.accountId }, { because: "by_client", at }),
    );
    expect(ended).toBe(1);
  });

  test("has its logout tokens encrypted as its ID tokens are", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ECDH-ES", { extractable: true });
    const bank = await TestClient.register(
      op,
      { backchannel_logout_uri: `${origin}/secret`, id_token_encrypted_response_alg: "ECDH-ES" },
      [{ ...(await exportJWK(publicKey)), use: "enc" }],
    );
    const account = await createTestAccount(op);
    const { parameters, verifier } = bank.authorization();
    const callback = await bank.signIn(await bank.post("/par", parameters), {}, account);
    await bank.redeem(String(callback.searchParams.get("code")), verifier);
    await signOut(platform(), account.accountId);
    expect(await notify()).toBe(1);
    const { plaintext } = await compactDecrypt(received[0]!.token, privateKey);
    expect(decodeJwt(new TextDecoder().decode(plaintext))).toMatchObject({ aud: bank.clientId });
  });

  test.each<[string, object]>([
    ["http beyond this machine", { backchannel_logout_uri: "http://bank.example/logout" }],
    ["a fragment", { backchannel_logout_uri: "https://bank.example/logout#x" }],
    ["user information", { backchannel_logout_uri: "https://a:b@bank.example/logout" }],
    ["no address", { backchannel_logout_uri: 7 }],
    ["a session requirement that is neither", { backchannel_logout_session_required: "yes" }],
  ])("is not registered with %s", async (_name, metadata) => {
    const { status, body } = await registerClient(op.issuer, { redirect_uris: [redirectUri], ...metadata });
    expect([status, body.error]).toEqual([400, "invalid_client_metadata"]);
  });
});
