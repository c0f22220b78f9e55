import { generateKeyPairSync } from "node:crypto";
import { request } from "node:http";
import { clientScopes } from "@xid/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { registerClient, startTestProvider, TestBrowser, type TestProvider } from "./test-provider.ts";

const redirectUri = "http://localhost:4003/callback";
const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

let op: TestProvider;
beforeAll(async () => {
  op = await startTestProvider();
});
afterAll(() => op.close());

/** fetch would not let us choose the Host header. */
const getAs = (url: string, headers: Record<string, string>) =>
  new Promise<Record<string, unknown>>((resolve, reject) => {
    request(url, { headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk)).on("end", () => resolve(JSON.parse(text)));
    })
      .on("error", reject)
      .end();
  });

describe("what the provider says of itself", () => {
  test("offers what we mean to offer and nothing else", async () => {
    const metadata = await getAs(`${op.issuer}/.well-known/openid-configuration`, {});
    expect(metadata).toMatchObject({
      issuer: op.issuer,
      acr_values_supported: [
        "urn:xid:acr:card-enrolled-device",
        "urn:xid:acr:card-enrolled-device:fresh",
        "urn:xid:acr:card-presented",
      ],
      prompt_values_supported: ["none", "login", "consent", "select_account", "create"],
      authorization_response_iss_parameter_supported: true,
      claims_parameter_supported: true,
      code_challenge_methods_supported: ["S256"],
      backchannel_authentication_endpoint: `${op.issuer}/bc-authorize`,
      backchannel_token_delivery_modes_supported: ["poll", "ping"],
      backchannel_user_code_parameter_supported: false,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      grant_types_supported: [
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "urn:openid:params:grant-type:ciba",
      ],
      dpop_signing_alg_values_supported: ["ES256", "PS256", "EdDSA", "Ed25519"],
      request_object_signing_alg_values_supported: ["ES256", "PS256", "EdDSA", "Ed25519"],
      authorization_signing_alg_values_supported: ["ES256", "RS256"],
      introspection_signing_alg_values_supported: ["ES256", "RS256"],
      id_token_encryption_alg_values_supported: ["ECDH-ES", "ECDH-ES+A256KW", "RSA-OAEP-256"],
      id_token_encryption_enc_values_supported: ["A256GCM", "A128CBC-HS256"],
      userinfo_encryption_alg_values_supported: ["ECDH-ES", "ECDH-ES+A256KW", "RSA-OAEP-256"],
      request_uri_parameter_supported: false,
      id_token_signing_alg_values_supported: ["ES256", "RS256"],
      response_types_supported: ["code"],
      subject_types_supported: ["pairwise"],
      token_endpoint_auth_methods_supported: ["private_key_jwt", "client_secret_basic", "none"],
      token_endpoint_auth_signing_alg_values_supported: ["ES256", "PS256", "EdDSA", "Ed25519"],
      userinfo_signing_alg_values_supported: ["ES256", "RS256"],
      ui_locales_supported: ["ja", "en"],
    });
    expect([...(metadata.scopes_supported as string[])].sort()).toEqual(
      [
        "address",
        "birthdate",
        "gender",
        "latest_attributes",
        "name",
        "offline_access",
        "openid",
        ...clientScopes,
      ].sort(),
    );
    expect(JSON.stringify(metadata)).not.toMatch(/"HS256|implicit|device_auth|request_object_encryption|\[\]/);
  });

  test("names its endpoints by the issuer, whatever a request calls us", async () => {
    const headers = { host: "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" };
    const metadata = await getAs(`${op.issuer}/.well-known/openid-configuration`, headers);
    for (const [name, value] of Object.entries(metadata)) {
      if (/_endpoint$|_uri$/.test(name)) expect(value, name).toMatch(new RegExp(`^${op.issuer}/`));
    }
  });

  test("publishes public keys only", async () => {
    const { keys } = (await getAs(`${op.issuer}/jwks`, {})) as { keys: Record<string, string>[] };
    expect(keys.map(({ kty, alg, use }) => [kty, alg, use])).toEqual([
      ["EC", "ES256", "sig"],
      ["RSA", "RS256", "sig"],
    ]);
    for (const key of keys) expect(Object.keys(key)).not.toContain("d");
  });

  test("takes no registration in production", async () => {
    const production = await startTestProvider({
      XID_PROFILE: "production",
      XID_ISSUER: "https://id.example",
      XID_APP_URL: "https://app.example",
      XID_JLIS_URL: "https://jlis.example",
      XID_OCSP_SIGNATURE_URL: "http://ocsp.example/s",
      XID_OCSP_AUTHENTICATION_URL: "http://ocsp.example/a",
      XID_CRL_SIGNATURE_URL: "http://crl.example/s",
      XID_CRL_AUTHENTICATION_URL: "http://crl.example/a",
    });
    const metadata = await getAs(`${production.otherUrl}/.well-known/openid-configuration`, {});
    expect(metadata).not.toHaveProperty("registration_endpoint");
    expect(metadata.token_endpoint).toBe("https://id.example/token");
    const response = await fetch(`${production.otherUrl}/register`, { method: "POST" });
    expect(response.status).toBe(404);
    expect(response.headers.get("strict-transport-security")).toContain("max-age");
    await production.close();
  });
});

describe("registration", () => {
  const ec = () => generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
  const refused: [string, object][] = [
    ["http beyond this machine", { redirect_uris: ["http://rp.example/cb"] }],
    ["user information", { redirect_uris: ["https://user:pw@rp.example/cb"] }],
    ["another way of delivery", { xid_attribute_delivery: "by post" }],
    ["end to end without keys of its own", { xid_attribute_delivery: "end_to_end" }],
    [
      "end to end, and items that the platform tells by itself",
      { xid_attribute_delivery: "end_to_end", jwks_uri: "https://rp.example/jwks", scope: "openid attributes" },
    ],
    ["a fragment", { redirect_uris: ["https://rp.example/cb#x"] }],
    ["an empty fragment", { redirect_uris: ["https://rp.example/cb#"] }],
    ["a wildcard host", { redirect_uris: ["https://*.rp.example/cb"] }],
    ["a line break", { redirect_uris: ["https://rp.example/\ncb"] }],
    ["a backslash", { redirect_uris: ["https://rp.example\\@evil.example/cb"] }],
    ["a very long URI", { redirect_uris: [`https://rp.example/${"x".repeat(50_000)}`] }],
    ["a web client's own scheme", { redirect_uris: ["com.example.app:/cb"] }],
    ["a native scheme without a dot", { redirect_uris: ["myapp:/cb"], application_type: "native" }],
    ["a script", { redirect_uris: ["javascript:alert(1)"], application_type: "native" }],
    ["two hosts without a sector", { redirect_uris: ["https://a.example/cb", "https://b.example/cb"] }],
    ["an empty key set", { jwks: { keys: [] } }],
    ["a point off the curve", { jwks: { keys: [{ ...ec(), y: ec().y }] } }],
    [
      "a weak RSA key",
      { jwks: { keys: [generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" })] } },
    ],
    [
      "a private key",
      { jwks: { keys: [generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" })] } },
    ],
    [
      "two keys of one name",
      {
        jwks: {
          keys: [
            { ...ec(), kid: "a" },
            { ...ec(), kid: "a" },
          ],
        },
      },
    ],
    [
      "an encryption key alone for authentication",
      { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [{ ...ec(), use: "enc" }] } },
    ],
    ["keys fetched over http", { jwks_uri: "http://rp.example/jwks" }],
    ["a name that turns text around", { client_name: "bank\u202eknab" }],
    ["an English name that turns text around", { "client_name#en": "bank\u202eknab" }],
    ["a Japanese name that is too long", { "client_name#ja": "銀".repeat(101) }],
    ["an English name that is no text", { "client_name#en": { text: "Bank" } }],
    ["a purpose in one language", { xid_purpose: { ja: "口座開設" } }],
    ["HS256 for the ID token", { id_token_signed_response_alg: "HS256" }],
    ["no signature on the ID token", { id_token_signed_response_alg: "none" }],
    ["no signature on UserInfo", { userinfo_signed_response_alg: "none" }],
    ["a public subject", { subject_type: "public" }],
    ["the implicit flow", { response_types: ["id_token"], grant_types: ["implicit"] }],
    ["a secret in the body", { token_endpoint_auth_method: "client_secret_post" }],
    ["client_secret_jwt", { token_endpoint_auth_method: "client_secret_jwt" }],
  ];

  test.each(refused)("refuses %s", async (_name, metadata) => {
    const { status, body } = await registerClient(op.issuer, { redirect_uris: [redirectUri], ...metadata });
    expect(status).toBe(400);
    expect(body.error).toMatch(/^invalid_(client_metadata|redirect_uri|request)$/);
  });

  test("keeps a client's name by language", async () => {
    const names = { client_name: "Test", "client_name#ja": "試験銀行", "client_name#en": "Test Bank" };
    const { body } = await registerClient(op.issuer, { redirect_uris: [redirectUri], ...names });
    expect(body).toMatchObject(names);
  });

  test("takes web, native and public clients as they should be", async () => {
    const good = [
      { redirect_uris: ["https://rp.example/cb"], xid_purpose: { ja: "口座開設", en: "Open an account" } },
      { redirect_uris: ["com.example.app:/cb"], application_type: "native", token_endpoint_auth_method: "none" },
      { redirect_uris: [redirectUri], jwks: { keys: [ec()] }, token_endpoint_auth_method: "private_key_jwt" },
    ];
    for (const metadata of good) {
      const { status, body } = await registerClient(op.issuer, metadata);
      expect(body).toMatchObject({ subject_type: "pairwise", id_token_signed_response_alg: "ES256" });
      expect(status).toBe(201);
    }
  });
});

describe("an authorization request", () => {
  let clientId: string;
  beforeAll(async () => {
    clientId = (await registerClient(op.issuer, { redirect_uris: [redirectUri] })).body.client_id as string;
  });

  const authorize = (parameters: Record<string, string | undefined> = {}, browser = new TestBrowser()) => {
    const all = {
      client_id: clientId,
      redirect_uri: redirectUri,
      response_type: "code",
      scope: "openid name",
      code_challenge: challenge,
      code_challenge_method: "S256",
      state: "s",
      ...parameters,
    };
    const query = new URLSearchParams(Object.entries(all).filter((entry): entry is [string, string] => !!entry[1]));
    return browser.fetch(`${op.issuer}/authorize?${query}`, { headers: { accept: "text/html" } });
  };
  const errorOf = (response: Response) => {
    const { searchParams, hash } = new URL(response.headers.get("location") ?? "x:");
    return searchParams.get("error") ?? new URLSearchParams(hash.slice(1)).get("error");
  };

  test("with an unregistered redirect URI ends on our own page, which nobody can frame or script", async () => {
    const response = await authorize({ redirect_uri: "http://localhost:4003/other" });
    expect(response.status).toBe(400);
    expect(response.headers.get("location")).toBeNull();
    const text = await response.text();
    expect(text).toContain("ログインを続けられません");
    expect(text).not.toMatch(/<script|https?:\/\//);
    expect(response.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
  });

  test.each([
    ["no PKCE", { code_challenge: undefined, code_challenge_method: undefined }, "invalid_request"],
    ["PKCE without the method S256", { code_challenge_method: undefined }, "invalid_request"],
    ["PKCE plain", { code_challenge_method: "plain" }, "invalid_request"],
    ["an implicit response", { response_type: "id_token", nonce: "n" }, "unsupported_response_type"],
    ["a thumbprint that is none", { dpop_jkt: "anything" }, "invalid_request"],
    [
      "claims that are too long",
      { claims: JSON.stringify({ userinfo: { ["x".repeat(9000)]: null } }) },
      "invalid_request",
    ],
    ["claims in a list", { claims: JSON.stringify({ userinfo: { name: [] } }) }, "invalid_request"],
    [
      "an essential that is no yes",
      { claims: JSON.stringify({ userinfo: { name: { essential: 1 } } }) },
      "invalid_request",
    ],
    ["no value among values", { claims: JSON.stringify({ userinfo: { gender: { values: [] } } }) }, "invalid_request"],
    [
      "a purpose that reads otherwise than it is",
      { claims: JSON.stringify({ id_token: { age_over_18: { purpose: "abc\u202edef" } } }) },
      "invalid_request",
    ],
    [
      "an acr that we do not have",
      { claims: JSON.stringify({ id_token: { acr: { essential: true, values: ["urn:other"] } } }) },
      "unmet_authentication_requirements",
    ],
  ])("with %s is refused", async (_name, parameters, error) => {
    expect(errorOf(await authorize(parameters))).toBe(error);
  });

  test("may come as a form, which goes on as a query", async () => {
    const form = new URLSearchParams({ client_id: clientId, state: "花 子&x=1" });
    const post = (body: URLSearchParams) =>
      fetch(`${op.issuer}/authorize`, { method: "POST", body, redirect: "manual" });
    const answer = await post(form);
    expect(answer.status).toBe(303);
    const { pathname, searchParams } = new URL(answer.headers.get("location") as string, op.issuer);
    expect([pathname, searchParams.get("state")]).toEqual(["/authorize", "花 子&x=1"]);
    expect((await post(new URLSearchParams({ x: "x".repeat(20_000) }))).status).toBe(413);
  });

  test("shows the sign-in page in the language that was asked for, to the browser that began only", async () => {
    const browser = new TestBrowser();
    const begun = await authorize({ ui_locales: "en" }, browser);
    const url = new URL(begun.headers.get("location") as string, op.issuer).href;
    expect(url).toMatch(/\/interaction\/[A-Za-z0-9_-]{43}$/);
    const page = await browser.fetch(url);
    const text = await page.text();
    expect(page.status).toBe(200);
    expect(text).toContain('<html lang="en">');
    expect(text).toContain("Sign in to テスト銀行");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'");
    expect(await (await browser.fetch(`${url}?lang=ja`)).text()).toContain("テスト銀行にログイン");

    const elsewhere = await fetch(url);
    expect(elsewhere.status).toBe(403);
    expect(await elsewhere.text()).toContain("はじめのブラウザに戻ってください");
    const uid = url.slice(url.lastIndexOf("/") + 1);
    const forged = await fetch(`${url}/finish`, { method: "POST", headers: { cookie: `xid_interaction=${uid}` } });
    expect(forged.status).toBe(403);
    const crossSite = await browser.fetch(`${url}/cancel`, {
      method: "POST",
      headers: { origin: "https://evil.example" },
    });
    expect(crossSite.status).toBe(403);
  });
});

describe("calls from a browser", () => {
  const call = async (metadata: object, origin: string) => {
    const { body } = await registerClient(op.issuer, { redirect_uris: [redirectUri], ...metadata });
    const parameters = {
      grant_type: "authorization_code",
      client_id: body.client_id as string,
      code: "x",
      redirect_uri: redirectUri,
    };
    const response = await fetch(`${op.issuer}/token`, {
      method: "POST",
      body: new URLSearchParams(parameters),
      headers: { origin },
    });
    return response.headers.get("access-control-allow-origin");
  };

  test("are allowed to a public client from where it lives, and to nobody else", async () => {
    const publicClient = { token_endpoint_auth_method: "none" };
    expect(await call(publicClient, "http://localhost:4003")).toBe("http://localhost:4003");
    expect(await call(publicClient, "http://localhost:4009")).toBeNull();
    expect(await call(publicClient, "null")).toBeNull();
  });
});

describe("signing out", () => {
  test("leads back to the relying party, or to a page of ours", async () => {
    const back = "http://localhost:4003/signed-out";
    const { body } = await registerClient(op.issuer, {
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [back],
    });
    const browser = new TestBrowser();
    const signOut = async (parameters: Record<string, string>) => {
      const page = await browser.fetch(`${op.issuer}/logout?${new URLSearchParams(parameters)}`);
      expect(page.headers.get("content-security-policy")).toMatch(/script-src 'sha256-/);
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(await page.text())?.[1] as string;
      const confirm = await browser.fetch(`${op.issuer}/logout/confirm`, {
        method: "POST",
        body: new URLSearchParams({ xsrf, logout: "yes" }),
      });
      return confirm.headers.get("location") as string;
    };
    const client = { client_id: body.client_id as string };
    expect(await signOut({ ...client, post_logout_redirect_uri: back, state: "x" })).toBe(`${back}?state=x`);
    const ours = await signOut(client);
    expect(await (await browser.fetch(ours)).text()).toContain("ログアウトしました");
    const unknown = await browser.fetch(
      `${op.issuer}/logout?${new URLSearchParams({ ...client, post_logout_redirect_uri: "https://evil.example/" })}`,
    );
    expect(unknown.status).toBe(400);
  });
});
