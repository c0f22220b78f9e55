import { createHash, randomBytes, randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

const redirectUri = "http://localhost:9/callback";

/** What is used of the discovery document. */
type Provider = Record<"issuer" | "registration_endpoint" | "authorization_endpoint" | "token_endpoint", string>;

/**
 * A relying party made of bare HTTP, so that a test can do what no library would: send one code, one assertion, one
 * proof many times, to any process.
 */
export class RelyingParty {
  readonly clientId: string;
  readonly #provider: Provider;
  readonly #key: CryptoKey;
  readonly #publicJwk: object;

  private constructor(provider: Provider, clientId: string, key: CryptoKey, publicJwk: object) {
    this.#provider = provider;
    this.clientId = clientId;
    this.#key = key;
    this.#publicJwk = publicJwk;
  }

  /** Registers a new client with its own ES256 key (RFC 7591). */
  static async register(issuer: string, metadata: object = {}): Promise<RelyingParty> {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = await exportJWK(publicKey);
    const discovery = await fetch(`${issuer}/.well-known/openid-configuration`);
    const provider = (await discovery.json()) as Provider;
    const response = await fetch(provider.registration_endpoint, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_name: "試験銀行",
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_signing_alg: "ES256",
        grant_types: ["authorization_code", "refresh_token"],
        jwks: { keys: [{ ...jwk, kid: "1", alg: "ES256", use: "sig" }] },
        ...metadata,
      }),
    });
    if (response.status !== 201) throw new Error(`registration: ${response.status} ${await response.text()}`);
    const { client_id } = (await response.json()) as { client_id: string };
    return new RelyingParty(provider, client_id, privateKey, jwk);
  }

  /** An authorization URL, and the verifier that its code needs. */
  authorization(parameters: Record<string, string> = {}): { url: string; verifier: string; state: string } {
    const verifier = randomBytes(32).toString("base64url");
    const state = randomBytes(16).toString("base64url");
    const query = new URLSearchParams({
      client_id: this.clientId,
      response_type: "code",
      redirect_uri: redirectUri,
      scope: "openid name birthdate gender address",
      state,
      nonce: randomBytes(16).toString("base64url"),
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...parameters,
    });
    return { url: `${this.#provider.authorization_endpoint}?${query}`, verifier, state };
  }

  /** `private_key_jwt` (RFC 7523), audience = issuer. */
  assertion(): Promise<string> {
    return new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: "ES256", kid: "1" })
      .setIssuer(this.clientId)
      .setSubject(this.clientId)
      .setAudience(this.#provider.issuer)
      .setIssuedAt()
      .setExpirationTime("60s")
      .sign(this.#key);
  }

  /** A token of its own (RFC 6749 section 4.4), for a scope of the API. */
  async ownToken(scope: string): Promise<string> {
    const response = await fetch(this.#provider.token_endpoint, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        scope,
        client_id: this.clientId,
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: await this.assertion(),
      }),
    });
    return ((await response.json()) as { access_token: string }).access_token;
  }

  /** DPoP proof (RFC 9449) for a POST to the token endpoint. */
  dpopProof(): Promise<string> {
    return new SignJWT({ jti: randomUUID(), htm: "POST", htu: this.#provider.token_endpoint })
      .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk: this.#publicJwk })
      .setIssuedAt()
      .sign(this.#key);
  }

  /** Redeems a code at `server`, another process of the same issuer if given. */
  async redeem(
    code: string,
    verifier: string,
    options: { server?: string; assertion?: string; dpop?: string } = {},
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const { token_endpoint: endpoint, issuer } = this.#provider;
    const response = await fetch(endpoint.replace(issuer, options.server ?? issuer), {
      method: "POST",
      headers: options.dpop ? { dpop: options.dpop } : {},
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
        client_id: this.clientId,
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: options.assertion ?? (await this.assertion()),
      }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
}
