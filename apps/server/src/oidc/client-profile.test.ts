import { calculateJwkThumbprint, createRemoteJWKSet, jwtVerify, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type KeyPair, newKey, redirectUri, TestClient } from "./test-client.ts";
import { registerClient, startTestProvider, type TestProvider } from "./test-provider.ts";

let op: TestProvider;
let bank: TestClient;
let signing: TestClient;
let rsaKey: KeyPair;
beforeAll(async () => {
  op = await startTestProvider();
  rsaKey = await newKey("RS256");
  const extraKeys = [{ ...rsaKey.jwk, kid: "rsa", use: "sig" }];
  bank = await TestClient.register(op, { xid_profile: "fapi2" }, extraKeys);
  signing = await TestClient.register(op, { xid_profile: "fapi2_message_signing" }, extraKeys);
});
afterAll(() => op.close());

/** Signed with the RSA key that both clients have registered: PS256 is taken, RS256 is not. */
const rsa = async (alg: string) => {
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", rsaKey.privateKey);
  const name = { RS256: "RSASSA-PKCS1-v1_5", PS256: "RSA-PSS" }[alg]!;
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, { name, hash: "SHA-256" }, false, ["sign"]);
  return { header: { alg, kid: "rsa" }, key };
};
const now = () => Math.floor(Date.now() / 1000);
const hour = 3600;

describe("a client that is to be held to FAPI 2.0", () => {
  const ours = async (metadata: object) => {
    const { jwk } = await newKey();
    const base = { redirect_uris: [redirectUri], token_endpoint_auth_method: "private_key_jwt", xid_profile: "fapi2" };
    return registerClient(op.issuer, { ...base, jwks: { keys: [{ ...jwk, use: "sig" }] }, ...metadata });
  };

  test("is registered with what the profile switches on", async () => {
    expect((await ours({})).body).toMatchObject({
      xid_profile: "fapi2",
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
    });
    expect((await ours({ xid_profile: "fapi2_message_signing" })).body).toMatchObject({
      require_signed_request_object: true,
      response_modes: ["jwt", "query.jwt", "form_post.jwt"],
      introspection_signed_response_alg: "ES256",
      authorization_signed_response_alg: "ES256",
    });
  });

  test.each<[string, object]>([
    ["an unknown profile", { xid_profile: "fapi1" }],
    ["a secret", { token_endpoint_auth_method: "client_secret_basic", jwks: undefined }],
    ["no authentication", { token_endpoint_auth_method: "none" }],
    ["RS256 for its assertions", { token_endpoint_auth_signing_alg: "RS256" }],
    ["RS256 on the ID token", { id_token_signed_response_alg: "RS256" }],
    ["RS256 on UserInfo", { userinfo_signed_response_alg: "RS256" }],
    ["RS256 on introspection", { introspection_signed_response_alg: "RS256" }],
    ["RS256 on the response", { authorization_signed_response_alg: "RS256" }],
    ["http redirects", { redirect_uris: ["http://bank.example/cb"] }],
    ["unsigned responses with message signing", { xid_profile: "fapi2_message_signing", response_modes: ["query"] }],
  ])("is not registered with %s", async (_name, metadata) => {
    const { status, body } = await ours(metadata);
    expect(status).toBe(400);
    expect(body.error).toMatch(/^invalid_(client_metadata|redirect_uri)$/);
  });
});

describe("at the pushed authorization request endpoint", () => {
  test("a request that keeps to the profile is taken, for at most a minute", async () => {
    const pushed = await bank.post("/par", bank.authorization().parameters);
    expect(pushed.status).toBe(201);
    expect(Number(pushed.body.expires_in)).toBeLessThanOrEqual(60);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["PKCE is missing", { code_challenge: undefined, code_challenge_method: undefined }, "invalid_request"],
    ["PKCE is plain", { code_challenge_method: "plain" }, "invalid_request"],
    ["the challenge is no digest", { code_challenge: "short" }, "invalid_request"],
    ["the redirect URI is missing", { redirect_uri: undefined }, "invalid_request"],
    ["the redirect URI has another path", { redirect_uri: `${redirectUri}/x` }, "invalid_request"],
    ["the redirect URI has a query more", { redirect_uri: `${redirectUri}?x=1` }, "invalid_request"],
    ["the response type is another", { response_type: "code id_token" }, "unsupported_response_type"],
    [
      "there is a request_uri inside",
      { request_uri: "urn:ietf:params:oauth:request_uri:x" },
      "request_uri_not_supported",
    ],
    ["the DPoP key is no thumbprint", { dpop_jkt: "x" }, "invalid_request"],
    ["the client is another than the one that authenticates", { client_id: "another" }, "invalid_request"],
  ])("a request is refused when %s", async (_name, changes, error) => {
    const pushed = await bank.post("/par", bank.authorization(changes).parameters);
    expect(pushed.status).toBeGreaterThanOrEqual(400);
    expect(pushed.body.error).toBe(error);
  });

  test.each<[string, () => Promise<object> | object]>([
    ["for the token endpoint", () => ({ claims: { aud: `${op.issuer}/token` } })],
    ["for this endpoint", () => ({ claims: { aud: `${op.issuer}/par` } })],
    ["for a list of audiences", () => ({ claims: { aud: [op.issuer] } })],
    ["for another issuer", () => ({ claims: { aud: "https://other.example" } })],
    ["without a subject", () => ({ claims: { sub: undefined } })],
    ["by another issuer", () => ({ claims: { iss: "another" } })],
    ["without jti", () => ({ claims: { jti: undefined } })],
    ["that never ends", () => ({ claims: { exp: undefined } })],
    ["that ended five minutes ago", () => ({ claims: { exp: now() - 300 } })],
    ["that begins in over a minute", () => ({ claims: { nbf: now() + 61 } })],
    ["with a critical header", () => ({ header: { crit: ["b64"], b64: true } })],
    ["by a key that is not the client's", async () => ({ key: (await newKey()).privateKey })],
    ["with RS256", () => rsa("RS256")],
  ])("an assertion %s authenticates nobody", async (_name, broken) => {
    const pushed = await bank.post("/par", bank.authorization().parameters, await broken());
    expect([pushed.status, pushed.body.error]).toEqual([401, "invalid_client"]);
  });

  test("an assertion with PS256 is taken", async () => {
    expect((await bank.post("/par", bank.authorization().parameters, await rsa("PS256"))).status).toBe(201);
  });

  test("an assertion that begins in eight seconds is taken: clocks differ", async () => {
    const pushed = await bank.post("/par", bank.authorization().parameters, { claims: { nbf: now() + 8 } });
    expect(pushed.status).toBe(201);
  });
});

describe("at the authorization endpoint", () => {
  const open = async (query: Record<string, unknown>) => {
    const parameters = new URLSearchParams(query as Record<string, string>);
    const response = await fetch(`${op.issuer}/authorize?${parameters}`, { redirect: "manual" });
    const location = response.headers.get("location");
    const error = location && new URL(location, op.issuer).searchParams.get("error");
    return error ?? ((await response.text()).match(/invalid_\w+/)?.[0] || response.status);
  };

  test("a request that was not pushed is refused", async () => {
    expect(await open(bank.authorization().parameters)).toBe("invalid_request");
  });

  test("a request object that was not pushed is refused", async () => {
    const request = await bank.requestObject(bank.authorization().parameters);
    expect(await open({ client_id: bank.clientId, request })).toBe("invalid_request");
  });

  test("what was pushed by another client is refused", async () => {
    const { body } = await bank.post("/par", bank.authorization().parameters);
    expect(await open({ client_id: signing.clientId, request_uri: body.request_uri })).toMatch(/^invalid_request/);
  });

  test("what was pushed serves once", async () => {
    const pushed = await bank.post("/par", bank.authorization().parameters);
    expect((await bank.signIn(pushed)).searchParams.get("iss")).toBe(op.issuer);
    expect(await open({ client_id: bank.clientId, request_uri: pushed.body.request_uri })).toBe("invalid_request_uri");
  });

  test("parameters beside a pushed request change nothing", async () => {
    const { parameters } = bank.authorization();
    const pushed = await bank.post("/par", parameters);
    const callback = await bank.signIn(pushed, { state: "another", scope: "openid address" });
    expect(callback.searchParams.get("state")).toBe(parameters.state);
  });
});

describe("at the token endpoint", () => {
  const approved = async (changes: Record<string, unknown> = {}) => {
    const { parameters, verifier } = bank.authorization(changes);
    const callback = await bank.signIn(await bank.post("/par", parameters));
    return { code: String(callback.searchParams.get("code")), verifier };
  };

  test("a code lives at most a minute and gives a token bound to the key", async () => {
    const before = Date.now();
    const { code, verifier } = await approved();
    const rows = await op.database
      .selectFrom("oidc_artefacts")
      .select("expires_at")
      .where("model", "=", "AuthorizationCode")
      .where("client_id", "=", bank.clientId)
      .where("consumed_at", "is", null)
      .execute();
    for (const { expires_at: end } of rows) expect(end!.getTime() - before).toBeLessThanOrEqual(62_000);
    const { status, body } = await bank.redeem(code, verifier);
    expect([status, body.token_type]).toEqual([200, "DPoP"]);
    const proof = await bank.proof("GET", `${op.issuer}/userinfo`);
    for (const headers of [
      { authorization: `Bearer ${body.access_token}` },
      { authorization: `DPoP ${body.access_token}` },
      { authorization: `DPoP ${body.access_token}`, dpop: proof },
    ]) {
      expect((await fetch(`${op.issuer}/userinfo`, { headers })).status).toBeGreaterThanOrEqual(400);
    }
  });

  test("a code serves once", async () => {
    const { code, verifier } = await approved();
    expect((await bank.redeem(code, verifier)).status).toBe(200);
    expect((await bank.redeem(code, verifier)).body.error).toBe("invalid_grant");
  });

  test("a code is refused without a DPoP proof", async () => {
    const { code, verifier } = await approved();
    expect((await bank.redeem(code, verifier, {}, null)).body.error).toBe("invalid_grant");
  });

  test("a code is refused with another verifier, without one, and at another client", async () => {
    const { code } = await approved();
    expect((await bank.redeem(code, bank.authorization().verifier)).body.error).toBe("invalid_grant");
    const second = await approved();
    expect((await bank.redeem(second.code, "", { code_verifier: undefined })).body.error).toBe("invalid_grant");
    const third = await approved();
    expect((await signing.redeem(third.code, third.verifier)).body.error).toBe("invalid_grant");
  });

  test("a code that was asked for with one DPoP key is refused with another", async () => {
    const other = await newKey();
    const { code, verifier } = await approved({ dpop_jkt: await calculateJwkThumbprint(other.jwk) });
    expect((await bank.redeem(code, verifier)).body.error).toBe("invalid_grant");
  });

  test("a refresh token stays as it is, and gives no token without a DPoP proof", async () => {
    const { code, verifier } = await approved({ scope: "openid offline_access", prompt: "consent" });
    const { refresh_token: token } = (await bank.redeem(code, verifier)).body;
    const form = { grant_type: "refresh_token", refresh_token: token };
    const refresh = async () => {
      const dpop = await bank.proof("POST", `${op.issuer}/token`);
      return bank.post("/token", form, {}, { dpop });
    };
    expect((await refresh()).body.refresh_token).toBe(token);
    expect((await refresh()).body.refresh_token).toBe(token);
    expect((await bank.post("/token", form)).body.error).toBe("invalid_grant");
  });
});

describe("with message signing", () => {
  const push = async (changes: object = {}, parameters: Record<string, unknown> = {}) => {
    const authorization = signing.authorization({ response_mode: "jwt", ...parameters });
    const request = await signing.requestObject(authorization.parameters, changes);
    return { ...authorization, pushed: await signing.post("/par", { request }) };
  };

  test("a request that was not signed is refused", async () => {
    const { body } = await signing.post("/par", signing.authorization({ response_mode: "jwt" }).parameters);
    expect(body.error).toBe("invalid_request");
  });

  test.each<[string, () => Promise<object> | object]>([
    ["without exp", () => ({ claims: { exp: undefined } })],
    ["without nbf", () => ({ claims: { nbf: undefined } })],
    ["without aud", () => ({ claims: { aud: undefined } })],
    ["without iss", () => ({ claims: { iss: undefined } })],
    ["without client_id", () => ({ claims: { client_id: undefined } })],
    ["for another issuer", () => ({ claims: { aud: "https://other.example" } })],
    ["by another client", () => ({ claims: { iss: "another" } })],
    ["that has ended", () => ({ claims: { exp: now() - 60 } })],
    ["that has not begun", () => ({ claims: { nbf: now() + 61 } })],
    ["from over an hour ago", () => ({ claims: { nbf: now() - hour - 5, exp: now() - 5 + 60 } })],
    ["for over an hour", () => ({ claims: { exp: now() + hour + 60 } })],
    ["that ends before it begins", () => ({ claims: { nbf: now() + 8, exp: now() + 7 } })],
    ["of another kind of JWT", () => ({ header: { typ: "at+jwt" } })],
    ["with a critical header", () => ({ header: { crit: ["b64"], b64: true } })],
    ["with a jti that is no text", () => ({ claims: { jti: 7 } })],
    ["with a request inside", () => ({ claims: { request: "x" } })],
    ["by a key that is not the client's", async () => ({ key: (await newKey()).privateKey })],
    ["with RS256", () => rsa("RS256")],
  ])("a request object %s is refused", async (_name, broken) => {
    const { pushed } = await push(await broken());
    expect([pushed.status, pushed.body.error]).toEqual([400, "invalid_request_object"]);
  });

  test("a request object with PS256 is taken", async () => {
    expect((await push(await rsa("PS256"))).pushed.status).toBe(201);
  });

  test("a request object without a signature is refused", async () => {
    const { parameters } = signing.authorization();
    const claims = { ...parameters, iss: signing.clientId, aud: op.issuer, nbf: now(), exp: now() + 60 };
    const { body } = await signing.post("/par", { request: new UnsecuredJWT(claims).encode() });
    expect(body.error).toBe("invalid_request_object");
  });

  test.each(["query", "form_post", "fragment", "fragment.jwt", undefined])(
    "a response in mode %s is refused",
    async (mode) => {
      const { pushed } = await push({}, { response_mode: mode });
      expect(pushed.body.error).toMatch(/^(invalid_request|unsupported_response_mode)$/);
    },
  );

  test("the response is a JWT of the provider, and so is its answer about a token where asked for as one", async () => {
    const { pushed, parameters, verifier } = await push();
    const callback = await signing.signIn(pushed);
    expect([...callback.searchParams.keys()]).toEqual(["response"]);
    const keys = createRemoteJWKSet(new URL(`${op.issuer}/jwks`));
    const expected = { issuer: op.issuer, audience: signing.clientId, algorithms: ["ES256"] };
    const { payload } = await jwtVerify(String(callback.searchParams.get("response")), keys, expected);
    expect(payload).toMatchObject({ state: parameters.state, code: expect.any(String) });
    expect(payload.exp! - now()).toBeLessThanOrEqual(600);
    const { body } = await signing.redeem(String(payload.code), verifier);
    const accept = { accept: "application/token-introspection+jwt" };
    const { text } = await signing.post("/introspect", { token: body.access_token }, {}, accept);
    const introspected = await jwtVerify(text, keys, { ...expected, typ: "token-introspection+jwt" });
    expect(introspected.payload.token_introspection).toMatchObject({ active: true, client_id: signing.clientId });
    expect(introspected.payload).not.toHaveProperty("sub");
  });

  test("a person's no is signed as well", async () => {
    const { pushed } = await push({}, { prompt: "none" });
    const response = await fetch(signing.authorizationUrl(String(pushed.body.request_uri)), { redirect: "manual" });
    const url = new URL(String(response.headers.get("location")));
    expect(url.searchParams.has("error")).toBe(false);
    const keys = createRemoteJWKSet(new URL(`${op.issuer}/jwks`));
    const { payload } = await jwtVerify(String(url.searchParams.get("response")), keys, { issuer: op.issuer });
    expect(payload).toMatchObject({ error: "login_required", aud: signing.clientId });
  });
});
