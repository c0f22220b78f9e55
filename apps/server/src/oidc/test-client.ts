import { createHash, randomBytes, randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose";
import { createTestAccount, recordApproval, registerClient, TestBrowser, type TestProvider } from "./test-provider.ts";

export const redirectUri = "http://localhost:4003/callback";

/** What a message holds beyond the correct: `undefined` leaves a member out. */
export type Broken = { header?: object; claims?: Record<string, unknown>; key?: CryptoKey };

export type KeyPair = { privateKey: CryptoKey; jwk: JWK };

/** A relying party of bare HTTP that keeps to FAPI 2.0 unless it is told otherwise, so that a test can break one rule. */
export class TestClient {
  readonly op: TestProvider;
  readonly clientId: string;
  readonly key: KeyPair;
  readonly dpopKey: KeyPair;

  private constructor(op: TestProvider, clientId: string, key: KeyPair, dpopKey: KeyPair) {
    this.op = op;
    this.clientId = clientId;
    this.key = key;
    this.dpopKey = dpopKey;
  }

  static async register(op: TestProvider, metadata: object = {}, extraKeys: JWK[] = []): Promise<TestClient> {
    const [key, dpopKey] = await Promise.all([newKey(), newKey()]);
    const { status, body } = await registerClient(op.issuer, {
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [{ ...key.jwk, kid: "1", use: "sig" }, ...extraKeys] },
      ...metadata,
    });
    if (status !== 201) throw new Error(`registration: ${status} ${JSON.stringify(body)}`);
    return new TestClient(op, body.client_id as string, key, dpopKey);
  }

  /** Parameters of an authorization request, and the verifier that its code needs. */
  authorization(changes: Record<string, unknown> = {}) {
    const verifier = randomBytes(32).toString("base64url");
    const parameters: Record<string, unknown> = {
      client_id: this.clientId,
      response_type: "code",
      redirect_uri: redirectUri,
      scope: "openid name",
      state: randomUUID(),
      nonce: randomUUID(),
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...changes,
    };
    return { verifier, parameters };
  }

  /** RFC 9101 */
  requestObject(parameters: Record<string, unknown>, { header, claims, key }: Broken = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const payload = { ...parameters, iss: this.clientId, aud: this.op.issuer, nbf: now, exp: now + 300, ...claims };
    return sign(payload, { alg: "ES256", kid: "1", typ: "oauth-authz-req+jwt", ...header }, key ?? this.key.privateKey);
  }

  /** RFC 7523 */
  assertion({ header, claims, key }: Broken = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const payload = {
      iss: this.clientId,
      sub: this.clientId,
      aud: this.op.issuer,
      jti: randomUUID(),
      iat: now,
      exp: now + 60,
      ...claims,
    };
    return sign(payload, { alg: "ES256", kid: "1", ...header }, key ?? this.key.privateKey);
  }

  /** RFC 9449 */
  proof(method: string, url: string, claims: Record<string, unknown> = {}, { privateKey, jwk } = this.dpopKey) {
    const payload = { jti: randomUUID(), htm: method, htu: url, iat: Math.floor(Date.now() / 1000), ...claims };
    return sign(payload, { alg: "ES256", typ: "dpop+jwt", jwk } as object, privateKey);
  }

  async post(path: string, form: Record<string, unknown>, broken: Broken = {}, headers: Record<string, string> = {}) {
    const body = new URLSearchParams({ client_id: this.clientId });
    body.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    body.set("client_assertion", await this.assertion(broken));
    for (const [name, value] of Object.entries(form)) {
      if (value === undefined) body.delete(name);
      else body.set(name, String(value));
    }
    const response = await fetch(`${this.op.issuer}${path}`, { method: "POST", body, headers });
    const text = await response.text();
    const json = response.headers.get("content-type")?.includes("application/json");
    const answer = (json ? JSON.parse(text) : {}) as Record<string, string>;
    return { status: response.status, text, body: answer };
  }

  /** The whole way from a pushed request to the callback, approved by a new account. */
  async signIn(
    pushed: { body: Record<string, string> },
    beside: Record<string, string> = {},
    account?: { accountId: string },
  ): Promise<URL> {
    const browser = new TestBrowser();
    const url = `${this.authorizationUrl(String(pushed.body.request_uri))}&${new URLSearchParams(beside)}`;
    const requestId = await browser.begin(url, this.op.issuer);
    const { accountId } = account ?? (await createTestAccount(this.op));
    await recordApproval(this.op, requestId, { accountId, via: "qr" });
    return browser.finish(this.op.issuer, requestId);
  }

  authorizationUrl(requestUri: string): string {
    return `${this.op.issuer}/authorize?${new URLSearchParams({ client_id: this.clientId, request_uri: requestUri })}`;
  }

  async redeem(code: string, verifier: string, changes: Record<string, unknown> = {}, proof?: string | null) {
    const dpop = proof === undefined ? await this.proof("POST", `${this.op.issuer}/token`) : proof;
    const form = { grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier };
    return this.post("/token", { ...form, ...changes }, {}, dpop === null ? {} : { dpop });
  }
}

export async function newKey(algorithm = "ES256"): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true, modulusLength: 2048 });
  return { privateKey, jwk: await exportJWK(publicKey) };
}

function sign(claims: Record<string, unknown>, header: object, key: CryptoKey): Promise<string> {
  const payload = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  return new SignJWT(payload as JWTPayload).setProtectedHeader(header as JWTHeaderParameters).sign(key);
}
