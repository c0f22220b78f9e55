import { jpkiWorld } from "@xid/pki/testing";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import * as rp from "openid-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pairwiseSubject } from "./subjects.ts";
import {
  createTestAccount,
  recordApproval,
  registerClient,
  startTestProvider,
  TestBrowser,
  type TestProvider,
} from "./test-provider.ts";

const redirectUri = "http://localhost:4003/callback";
const itemScopes = "openid name birthdate gender address";

describe("a sign-in at a relying party that uses openid-client", () => {
  let op: TestProvider;

  beforeAll(async () => {
    op = await startTestProvider();
  });
  afterAll(() => op.close());

  const discover = async (metadata: object, authentication?: rp.ClientAuth) => {
    const { body } = await registerClient(op.issuer, { redirect_uris: [redirectUri], ...metadata });
    const config = await rp.discovery(new URL(op.issuer), body.client_id as string, body, authentication, {
      execute: [rp.allowInsecureRequests],
    });
    return config;
  };

  const authorize = async (parameters: Record<string, string> = {}) => {
    const verifier = rp.randomPKCECodeVerifier();
    const checks = { pkceCodeVerifier: verifier, expectedNonce: rp.randomNonce(), expectedState: rp.randomState() };
    return {
      checks,
      parameters: {
        redirect_uri: redirectUri,
        scope: itemScopes,
        code_challenge: await rp.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        nonce: checks.expectedNonce,
        state: checks.expectedState,
        ...parameters,
      },
    };
  };

  test("private_key_jwt, PAR and DPoP: the four items arrive by UserInfo, the subject is pairwise", async () => {
    const clientKey = await rp.randomDPoPKeyPair("ES256", { extractable: true });
    const jwk = { ...(await crypto.subtle.exportKey("jwk", clientKey.publicKey)), kid: "k1", alg: "ES256" };
    const config = await discover(
      {
        token_endpoint_auth_method: "private_key_jwt",
        jwks: { keys: [{ ...jwk, key_ops: undefined, ext: undefined }] },
      },
      rp.PrivateKeyJwt({ key: clientKey.privateKey, kid: "k1" }),
    );
    const DPoP = rp.getDPoPHandle(config, await rp.randomDPoPKeyPair("ES256"));
    const { checks, parameters } = await authorize();
    const url = await rp.buildAuthorizationUrlWithPAR(config, parameters, { DPoP });
    const browser = new TestBrowser();
    const requestId = await browser.begin(url.href, op.issuer);
    const { accountId, attributes } = await createTestAccount(op);
    await recordApproval(op, requestId, { accountId, via: "qr" });
    const callback = await browser.finish(op.issuer, requestId);
    expect(callback.searchParams.get("iss")).toBe(op.issuer);

    const tokens = await rp.authorizationCodeGrant(config, callback, checks, undefined, { DPoP });
    const claims = tokens.claims();
    expect(tokens.token_type).toBe("dpop");
    expect(tokens.refresh_token).toBeUndefined();
    expect(claims).toMatchObject({
      sub: pairwiseSubject(op.keys.pairwise, "localhost:4003", accountId),
      acr: "urn:xid:acr:card-enrolled-device",
      amr: ["swk", "user", "mfa"],
    });
    expect(claims).not.toHaveProperty("name");
    const info = await rp.fetchUserInfo(config, tokens.access_token, claims?.sub as string, { DPoP });
    const { name, birthdate, gender, address } = attributes;
    expect(info).toMatchObject({ name, birthdate, gender, address: { formatted: address, country: "JP" } });
    expect(info).not.toHaveProperty("family_name");
  });

  test("client_secret_basic and offline access: each refresh token works once, its reuse ends the grant", async () => {
    const config = await discover({ grant_types: ["authorization_code", "refresh_token"] });
    const basic = await rp.discovery(
      new URL(op.issuer),
      config.clientMetadata().client_id,
      config.clientMetadata(),
      rp.ClientSecretBasic(config.clientMetadata().client_secret as string),
      { execute: [rp.allowInsecureRequests] },
    );
    const { checks, parameters } = await authorize({ scope: "openid name offline_access", prompt: "consent" });
    const browser = new TestBrowser();
    const requestId = await browser.begin(rp.buildAuthorizationUrl(basic, parameters).href, op.issuer);
    const { accountId } = await createTestAccount(op);
    await recordApproval(op, requestId, { accountId, via: "qr", items: ["name"] });
    const tokens = await rp.authorizationCodeGrant(basic, await browser.finish(op.issuer, requestId), checks);
    const first = tokens.refresh_token as string;
    const renewed = await rp.refreshTokenGrant(basic, first);
    expect(renewed.refresh_token).not.toBe(first);
    await expect(rp.refreshTokenGrant(basic, first)).rejects.toMatchObject({ error: "invalid_grant" });
    await expect(rp.refreshTokenGrant(basic, renewed.refresh_token as string)).rejects.toMatchObject({
      error: "invalid_grant",
    });
    await expect(rp.fetchUserInfo(basic, renewed.access_token, rp.skipSubjectCheck)).rejects.toThrow();
  });

  test("a public client with RS256 and signed UserInfo gets only what was granted", async () => {
    const config = await discover(
      {
        token_endpoint_auth_method: "none",
        id_token_signed_response_alg: "RS256",
        userinfo_signed_response_alg: "RS256",
      },
      rp.None(),
    );
    const claims = JSON.stringify({ id_token: { birthdate: { essential: true } }, userinfo: { birthdate: null } });
    const { checks, parameters } = await authorize({ scope: "openid name", claims });
    const browser = new TestBrowser();
    const requestId = await browser.begin(rp.buildAuthorizationUrl(config, parameters).href, op.issuer);
    const row = await op.database
      .selectFrom("requests")
      .select("asked")
      .where("request_id", "=", requestId)
      .executeTakeFirstOrThrow();
    expect(row.asked).toEqual({
      kind: "sign_in",
      clientName: { ja: "テスト銀行", en: "テスト銀行" },
      domain: "localhost:4003",
      purpose: { ja: "ログイン", en: "Sign in" },
      items: [
        { name: "name", required: false },
        { name: "birthdate", required: true },
      ],
      offlineAccess: false,
    });
    const { accountId, attributes } = await createTestAccount(op);
    await recordApproval(op, requestId, { accountId, via: "qr", items: ["birthdate"] });
    const tokens = await rp.authorizationCodeGrant(config, await browser.finish(op.issuer, requestId), checks);
    expect(tokens.claims()).toMatchObject({ birthdate: attributes.birthdate });
    const info = await rp.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub as string);
    expect(info).toMatchObject({ birthdate: attributes.birthdate });
    expect(info).not.toHaveProperty("name");
  });

  test("single items, with values and purposes: what does not fit or was not asked stays out", async () => {
    const config = await discover({ token_endpoint_auth_method: "none" }, rp.None());
    const userinfo = {
      age_over_18: { essential: true, value: true, "purpose#ja": "年齢の確認", "purpose#en": "To check your age" },
      age_over_20: { value: false },
      gender: { values: ["male", "female"] },
      family_name: null,
      name_divided: null,
      municipality: null,
    };
    const claims = JSON.stringify({ userinfo, id_token: { age_over_18: null, gender: { value: "male" } } });
    const { checks, parameters } = await authorize({ scope: "openid", claims });
    const browser = new TestBrowser();
    const requestId = await browser.begin(rp.buildAuthorizationUrl(config, parameters).href, op.issuer);
    const { asked } = await op.database
      .selectFrom("requests")
      .select("asked")
      .where("request_id", "=", requestId)
      .executeTakeFirstOrThrow();
    expect(asked.items).toEqual([
      { name: "family_name", required: false },
      { name: "age_over_18", required: true, purpose: { ja: "年齢の確認", en: "To check your age" } },
      { name: "age_over_20", required: false, wanted: [expect.stringMatching(/^[A-Za-z0-9_-]{43}$/)] },
      { name: "gender", required: false, wanted: Array(3).fill(expect.stringMatching(/^[A-Za-z0-9_-]{43}$/)) },
      { name: "municipality", required: false },
    ]);
    const { accountId } = await createTestAccount(op);
    const items = ["family_name", "age_over_18", "age_over_20", "gender"] as const;
    await recordApproval(op, requestId, { accountId, via: "qr", items });
    const tokens = await rp.authorizationCodeGrant(config, await browser.finish(op.issuer, requestId), checks);
    const { sub, age_over_18, gender, ...others } = tokens.claims()!;
    expect({ age_over_18, gender }).toEqual({ age_over_18: true });
    expect(Object.keys(others)).not.toContain("birthdate");
    expect(await rp.fetchUserInfo(config, tokens.access_token, sub)).toEqual({
      sub,
      family_name: "山田",
      name_divided: true,
      age_over_18: true,
      gender: "female",
    });
  });

  test("values that a relying party wants stand nowhere in the clear, and are compared all the same", async () => {
    const config = await discover({ token_endpoint_auth_method: "none" }, rp.None());
    const { accountId, attributes } = await createTestAccount(op, jpkiWorld().leaf);
    const verified = { verification: { trust_framework: null }, claims: { address: { value: "千葉県架空市本町" } } };
    const userinfo = {
      name: { value: attributes.name },
      birthdate: { values: [attributes.birthdate, "1971-12-31"] },
      family_name: { value: "架空田" },
      verified_claims: verified,
    };
    const { checks, parameters } = await authorize({ scope: "openid", claims: JSON.stringify({ userinfo }) });
    const browser = new TestBrowser();
    const requestId = await browser.begin(rp.buildAuthorizationUrl(config, parameters).href, op.issuer);
    await recordApproval(op, requestId, { accountId, via: "qr" });
    const tokens = await rp.authorizationCodeGrant(config, await browser.finish(op.issuer, requestId), checks);
    const { sub } = tokens.claims()!;
    const { name, birthdate, ...others } = await rp.fetchUserInfo(config, tokens.access_token, sub);
    expect({ name, birthdate }).toEqual({ name: attributes.name, birthdate: attributes.birthdate });
    expect(others).toEqual({ sub });
    const artefacts = await op.database.selectFrom("oidc_artefacts").select("payload").execute();
    const requests = await op.database.selectFrom("requests").select("asked").execute();
    const kept = JSON.stringify([artefacts, requests]);
    expect(kept).toContain("urn:xid:wanted");
    for (const value of [attributes.name, "1971-12-31", "架空田", "千葉県架空市本町"])
      expect(kept).not.toContain(value);
  });

  test("whoever cancels on the page is sent back with access_denied, and nobody is ever signed in silently", async () => {
    const config = await discover({});
    const browser = new TestBrowser();
    const { parameters } = await authorize();
    const requestId = await browser.begin(rp.buildAuthorizationUrl(config, parameters).href, op.issuer);
    const callback = await browser.finish(op.issuer, requestId, "cancel");
    expect(callback.searchParams.get("error")).toBe("access_denied");
    const silent = await browser.fetch(rp.buildAuthorizationUrl(config, { ...parameters, prompt: "none" }).href);
    expect(new URL(silent.headers.get("location") as string).searchParams.get("error")).toBe("login_required");
  });

  describe("used more than once, in two processes at the same moment", () => {
    const approvedCode = async (metadata: object = {}, authentication?: rp.ClientAuth) => {
      const config = await discover(metadata, authentication);
      const { checks, parameters } = await authorize();
      const browser = new TestBrowser();
      const requestId = await browser.begin(rp.buildAuthorizationUrl(config, parameters).href, op.issuer);
      const { accountId } = await createTestAccount(op);
      await recordApproval(op, requestId, { accountId, via: "qr" });
      return { config, checks, browser, requestId };
    };
    const postToken = (index: number, body: Record<string, string>, headers: Record<string, string> = {}) =>
      fetch(`${index % 2 ? op.issuer : op.otherUrl}/token`, {
        method: "POST",
        body: new URLSearchParams(body),
        headers,
      });
    const statuses = (responses: Response[]) => responses.map(({ status }) => status).sort();

    test("a code gives tokens once", async () => {
      const { config, checks, browser, requestId } = await approvedCode({ token_endpoint_auth_method: "none" });
      const callback = await browser.finish(op.issuer, requestId);
      const body = {
        grant_type: "authorization_code",
        client_id: config.clientMetadata().client_id,
        code: callback.searchParams.get("code") as string,
        redirect_uri: redirectUri,
        code_verifier: checks.pkceCodeVerifier,
      };
      const responses = await Promise.all(Array.from({ length: 10 }, (_, index) => postToken(index, body)));
      expect(statuses(responses)).toEqual([200, ...Array(9).fill(400)]);
    });

    test("a client assertion is taken once", async () => {
      const { privateKey, publicKey } = await generateKeyPair("ES256");
      const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: "ES256" }] };
      const { body } = await registerClient(op.issuer, {
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: "private_key_jwt",
        jwks,
      });
      const clientId = body.client_id as string;
      const assertion = (audience: string | string[]) =>
        new SignJWT({ jti: crypto.randomUUID() })
          .setProtectedHeader({ alg: "ES256" })
          .setIssuer(clientId)
          .setSubject(clientId)
          .setAudience(audience)
          .setIssuedAt()
          .setExpirationTime("1m")
          .sign(privateKey);
      const push = async (index: number, clientAssertion: string) => {
        const response = await fetch(`${index % 2 ? op.issuer : op.otherUrl}/par`, {
          method: "POST",
          body: new URLSearchParams({
            ...(await authorize()).parameters,
            response_type: "code",
            client_id: clientId,
            client_assertion: clientAssertion,
            client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
          }),
        });
        return response;
      };
      const one = await assertion(op.issuer);
      const responses = await Promise.all(Array.from({ length: 10 }, (_, index) => push(index, one)));
      expect(statuses(responses)).toEqual([201, ...Array(9).fill(401)]);
      for (const audience of [`${op.issuer}/token`, [op.issuer], `${op.issuer}/par`]) {
        expect((await push(0, await assertion(audience))).status).toBe(401);
      }
    });

    test("a DPoP proof is taken once", async () => {
      const { privateKey, publicKey } = await generateKeyPair("ES256");
      const { config, checks, browser, requestId } = await approvedCode({
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code"],
      });
      const callback = await browser.finish(op.issuer, requestId);
      const jwk = await exportJWK(publicKey);
      const proof = (url: string, extra = {}) =>
        new SignJWT({ jti: crypto.randomUUID(), htm: url.endsWith("token") ? "POST" : "GET", htu: url, ...extra })
          .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk })
          .setIssuedAt()
          .sign(privateKey);
      const token = await postToken(
        1,
        {
          grant_type: "authorization_code",
          client_id: config.clientMetadata().client_id,
          code: callback.searchParams.get("code") as string,
          redirect_uri: redirectUri,
          code_verifier: checks.pkceCodeVerifier,
        },
        { DPoP: await proof(`${op.issuer}/token`) },
      );
      const { access_token: accessToken } = (await token.json()) as { access_token: string };
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(accessToken));
      const ath = Buffer.from(digest).toString("base64url");
      const headers = {
        authorization: `DPoP ${accessToken}`,
        DPoP: await proof(`${op.issuer}/userinfo`, { ath }),
      };
      const responses = await Promise.all(
        Array.from({ length: 10 }, (_, index) => fetch(`${index % 2 ? op.issuer : op.otherUrl}/userinfo`, { headers })),
      );
      expect(statuses(responses)).toEqual([200, ...Array(9).fill(401)]);
    });

    test("an approval leads back to the relying party once", async () => {
      const { browser, requestId } = await approvedCode();
      const finish = (index: number) =>
        browser.fetch(`${index % 2 ? op.issuer : op.otherUrl}/interaction/${requestId}/finish`, { method: "POST" });
      const finished = await Promise.all(Array.from({ length: 10 }, (_, index) => finish(index)));
      const location = finished.find(({ status }) => status === 303)?.headers.get("location") as string;
      const { pathname } = new URL(location, op.issuer);
      const resumed = await Promise.all(
        Array.from({ length: 10 }, (_, index) => browser.fetch(`${index % 2 ? op.issuer : op.otherUrl}${pathname}`)),
      );
      const codes = resumed.filter(({ headers }) => headers.get("location")?.includes("code="));
      expect(codes).toHaveLength(1);
    });
  });
});
