import { createHash, generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CompactEncrypt, CompactSign, decodeJwt, importJWK, type JWK, type JWTPayload, UnsecuredJWT } from "jose";
import type { Login, Observed, Plan, Signature } from "./attack.ts";

export type HostileProviderOptions = {
  /** Where it listens; a free port unless told. */
  port?: number;
  /** With which it signs; ES256 unless told. Relying parties that were never told otherwise expect RS256. */
  algorithm?: "ES256" | "RS256";
};

type Client = Record<string, unknown> & { jwks?: { keys: JWK[] } };

/** Who signs in. The name is what a page of the relying party can be known by. */
export const robotPerson = {
  sub: "xid-robot-person",
  name: "検査　花子",
  birthdate: "1990-01-31",
  gender: "female",
  address: { formatted: "東京都千代田区千代田１番１号", country: "JP" },
} as const;

const paths = {
  authorization: "/authorize",
  token: "/token",
  userinfo: "/userinfo",
  par: "/par",
  register: "/register",
  jwks: "/jwks",
};

/** Requests to it are no larger. */
const maxBody = 1024 * 1024;

/**
 * An OpenID Provider on this machine that takes every client, asks nobody, and departs from the specifications as `plan`
 * says. Honest without one. For testing relying parties only: whoever can reach it is signed in.
 */
export class HostileProvider {
  readonly issuer: string;
  /** For sign-ins that begin from now on. */
  plan: Plan = {};
  /** How often something dishonest was sent out since `reset`, and what followed a redirect elsewhere. */
  played = 0;
  leaked = false;
  readonly observed: Observed = {
    pushedRequests: false,
    signedRequests: false,
    signedResponses: false,
    boundTokens: false,
    userInfo: false,
    signedUserInfo: false,
    encryptedIdToken: false,
    encryptedUserInfo: false,
    pkce: true,
    state: true,
    nonce: true,
  };
  /** Of the response before. */
  lastCode: string | undefined;
  /** In place of the code of the next response. */
  injectedCode: string | undefined;

  readonly #algorithm: "ES256" | "RS256";
  readonly #server: Server;
  readonly #elsewhere: Server;
  readonly #keys: Record<"published" | "unpublished" | "encryption", { privateKey: KeyObject; publicKey: KeyObject }>;
  readonly #clients = new Map<string, Client>();
  readonly #pushed = new Map<string, Record<string, string>>();
  readonly #logins = new Map<string, { login: Login; plan: Plan; redeemed: boolean }>();

  private constructor(server: Server, elsewhere: Server, algorithm: "ES256" | "RS256") {
    this.#server = server;
    this.#elsewhere = elsewhere;
    this.#algorithm = algorithm;
    this.issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
    this.#keys = { published: makeKey(algorithm), unpublished: makeKey(algorithm), encryption: makeKey(algorithm) };
    server.on("request", (request, response) => void this.#serve(request, response));
    elsewhere.on("request", (request, response) => {
      this.leaked = true;
      void this.#serve(request, response, { honest: true });
    });
  }

  static async start({ port = 0, algorithm = "ES256" }: HostileProviderOptions = {}): Promise<HostileProvider> {
    const [server, elsewhere] = [createServer(), createServer()];
    server.listen(port, "localhost");
    elsewhere.listen(0, "localhost");
    await Promise.all([once(server, "listening"), once(elsewhere, "listening")]);
    return new HostileProvider(server, elsewhere, algorithm);
  }

  async close(): Promise<void> {
    for (const server of [this.#server, this.#elsewhere]) {
      server.close();
      server.closeAllConnections();
    }
  }

  /** Before the next sign-in. */
  reset(plan: Plan): void {
    this.plan = plan;
    this.played = 0;
    this.leaked = false;
    this.injectedCode = undefined;
  }

  async #serve(request: IncomingMessage, response: ServerResponse, { honest = false } = {}): Promise<void> {
    try {
      const url = new URL(request.url ?? "/", this.issuer);
      const body = await readBody(request);
      if (url.pathname.startsWith("/.well-known/")) return json(response, 200, this.#metadata());
      if (url.pathname === paths.jwks) return json(response, 200, this.#publicKeys());
      if (url.pathname === paths.register) return this.#register(body, response);
      if (url.pathname === paths.par) return this.#push(body, response);
      if (url.pathname === paths.authorization) return await this.#authorize(url.searchParams, response);
      if (url.pathname === paths.token) return await this.#redeem(request, body, response, honest);
      if (url.pathname === paths.userinfo) return await this.#tell(request, response);
      json(response, 404, { error: "not_found" });
    } catch (error) {
      json(response, 400, { error: "invalid_request", error_description: String(error) });
    }
  }

  #metadata() {
    const { issuer } = this;
    const signatures = [this.#algorithm];
    return {
      issuer,
      authorization_endpoint: issuer + paths.authorization,
      token_endpoint: issuer + paths.token,
      userinfo_endpoint: issuer + paths.userinfo,
      jwks_uri: issuer + paths.jwks,
      registration_endpoint: issuer + paths.register,
      pushed_authorization_request_endpoint: issuer + paths.par,
      response_types_supported: ["code"],
      response_modes_supported: ["query", "jwt", "query.jwt"],
      grant_types_supported: ["authorization_code"],
      subject_types_supported: ["public", "pairwise"],
      scopes_supported: ["openid", "name", "birthdate", "gender", "address", "profile"],
      claims_parameter_supported: true,
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
      id_token_signing_alg_values_supported: signatures,
      userinfo_signing_alg_values_supported: signatures,
      authorization_signing_alg_values_supported: signatures,
      request_object_signing_alg_values_supported: ["ES256", "RS256", "PS256"],
      request_parameter_supported: true,
      token_endpoint_auth_methods_supported: ["private_key_jwt", "client_secret_basic", "client_secret_post", "none"],
      token_endpoint_auth_signing_alg_values_supported: ["ES256", "RS256", "PS256"],
      dpop_signing_alg_values_supported: ["ES256"],
    };
  }

  #publicKeys() {
    const { published, encryption } = this.#keys;
    return {
      keys: [
        { ...published.publicKey.export({ format: "jwk" }), kid: "published", use: "sig", alg: this.#algorithm },
        { ...encryption.publicKey.export({ format: "jwk" }), kid: "encryption", use: "enc" },
      ],
    };
  }

  /** RFC 7591 */
  #register(body: string, response: ServerResponse): void {
    const metadata = JSON.parse(body) as Client;
    const clientId = randomUUID();
    this.#clients.set(clientId, metadata);
    json(response, 201, { ...metadata, client_id: clientId, client_secret: randomUUID(), client_secret_expires_at: 0 });
  }

  /** RFC 9126 */
  #push(body: string, response: ServerResponse): void {
    const requestUri = `urn:ietf:params:oauth:request_uri:${randomUUID()}`;
    this.#pushed.set(requestUri, Object.fromEntries(new URLSearchParams(body)));
    this.observed.pushedRequests = true;
    json(response, 201, { request_uri: requestUri, expires_in: 60 });
  }

  async #authorize(query: URLSearchParams, response: ServerResponse): Promise<void> {
    const { plan, observed } = this;
    const pushed = this.#pushed.get(query.get("request_uri") ?? "");
    const sent = { ...Object.fromEntries(query), ...pushed };
    const signed = sent.request === undefined ? undefined : (decodeJwt(sent.request) as Record<string, string>);
    const asked = { ...sent, ...signed };
    const { client_id: clientId, redirect_uri: redirectUri } = asked;
    if (!clientId || !redirectUri) throw new TypeError("client_id and redirect_uri are needed");
    observed.signedRequests ||= signed !== undefined;
    observed.pkce &&= asked.code_challenge_method === "S256" && asked.code_challenge !== undefined;
    observed.state &&= (asked.state ?? "").length >= 16;
    observed.nonce &&= (asked.nonce ?? "").length >= 16;
    const signedResponse = ["jwt", "query.jwt"].includes(asked.response_mode ?? "");
    observed.signedResponses ||= signedResponse;
    const { state, nonce } = asked;
    const accessToken = randomBytes(32).toString("base64url");
    const code = randomBytes(32).toString("base64url");
    const login: Login = { clientId, redirectUri, state, nonce, signedResponse, accessToken };
    this.#logins.set(code, { login, plan, redeemed: false });
    this.#logins.set(accessToken, { login, plan, redeemed: false });
    this.lastCode = code;
    const honest = { code: this.injectedCode ?? code, iss: this.issuer, ...(state === undefined ? {} : { state }) };
    this.injectedCode = undefined;
    if (plan.response || plan.responseClaims || plan.responseSignature) this.played += 1;
    const parameters = present(plan.response?.(honest, login) ?? honest);
    const target = new URL(redirectUri);
    const inJwt = signedResponse && plan.responseSignature !== "plain parameters";
    const all = inJwt ? { response: await this.#signResponse(parameters, login, plan) } : parameters;
    for (const [name, value] of Object.entries(all)) target.searchParams.append(name, value);
    response.writeHead(303, { location: target.href }).end();
  }

  async #signResponse(parameters: Record<string, string>, { clientId }: Login, plan: Plan): Promise<string> {
    const claims = { ...parameters, aud: clientId, exp: seconds() + 300 };
    const { responseSignature: signature = "published" } = plan;
    if (signature === "plain parameters") throw new TypeError("is not signed");
    return this.#sign(plan.responseClaims?.(claims) ?? claims, signature);
  }

  async #redeem(request: IncomingMessage, body: string, response: ServerResponse, honest: boolean): Promise<void> {
    const code = new URLSearchParams(body).get("code") ?? "";
    const known = this.#logins.get(code);
    if (!known || (known.redeemed && !honest)) return json(response, 400, { error: "invalid_grant" });
    known.redeemed = true;
    const { login } = known;
    const plan = honest ? {} : known.plan;
    const bound = request.headers.dpop !== undefined;
    this.observed.boundTokens ||= bound;
    if (
      plan.claims ||
      plan.signature ||
      plan.header ||
      plan.idTokenEncryption ||
      plan.tokenAnswer ||
      plan.tokenEndpoint
    ) {
      this.played += 1;
    }
    const answer = {
      access_token: login.accessToken,
      token_type: bound ? "DPoP" : "Bearer",
      expires_in: 600,
      scope: "openid name birthdate gender address",
      id_token: await this.#idToken(login, plan),
    };
    if (plan.tokenEndpoint) {
      const { port } = this.#elsewhere.address() as AddressInfo;
      return plan.tokenEndpoint(response, answer, `http://localhost:${port}${paths.token}`);
    }
    json(response, 200, plan.tokenAnswer?.(answer) ?? answer);
  }

  async #idToken(login: Login, plan: Plan): Promise<string> {
    const honest: JWTPayload = {
      iss: this.issuer,
      sub: robotPerson.sub,
      aud: login.clientId,
      iat: seconds(),
      exp: seconds() + 600,
      auth_time: seconds(),
      acr: "urn:xid:acr:card-enrolled-device",
      amr: ["user", "mfa"],
      at_hash: createHash("sha256").update(login.accessToken).digest().subarray(0, 16).toString("base64url"),
      ...(login.nonce === undefined ? {} : { nonce: login.nonce }),
    };
    const claims = plan.claims?.(honest, login) ?? honest;
    const jwt = await this.#sign(claims, plan.signature ?? "published", plan.header);
    const encryptedAs = this.#encryptionOf(login, "id_token");
    this.observed.encryptedIdToken ||= encryptedAs !== undefined;
    return encryptedAs && plan.idTokenEncryption !== "left out" ? encrypt(jwt, encryptedAs) : jwt;
  }

  async #tell(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = request.headers.authorization?.split(" ")[1] ?? "";
    const known = this.#logins.get(token);
    if (!known) return json(response, 401, { error: "invalid_token" });
    const { login, plan } = known;
    this.observed.userInfo = true;
    if (plan.userInfo || plan.userInfoSignature || plan.userInfoEncryption) this.played += 1;
    const honest = { ...robotPerson, iss: this.issuer, aud: login.clientId };
    const claims = plan.userInfo?.(honest) ?? honest;
    const signs = this.#clients.get(login.clientId)?.userinfo_signed_response_alg !== undefined;
    this.observed.signedUserInfo ||= signs;
    const { userInfoSignature: signature = "published" } = plan;
    if (!signs || signature === "plain JSON") return json(response, 200, claims);
    const jwt = await this.#sign(claims, signature);
    const encryptedAs = this.#encryptionOf(login, "userinfo");
    this.observed.encryptedUserInfo ||= encryptedAs !== undefined;
    response.writeHead(200, { "content-type": "application/jwt" });
    response.end(encryptedAs && plan.userInfoEncryption !== "left out" ? await encrypt(jwt, encryptedAs) : jwt);
  }

  #encryptionOf({ clientId }: Login, what: "id_token" | "userinfo"): Encryption | undefined {
    const client = this.#clients.get(clientId);
    const alg = client?.[`${what}_encrypted_response_alg`];
    const enc = client?.[`${what}_encrypted_response_enc`] ?? "A128CBC-HS256";
    const key = client?.jwks?.keys.find(({ use }) => use === "enc");
    return typeof alg === "string" && typeof enc === "string" && key ? { alg, enc, key } : undefined;
  }

  async #sign(claims: JWTPayload, how: Signature, header: Record<string, unknown> = {}): Promise<string> {
    const { published, unpublished, encryption } = this.#keys;
    const payload = new TextEncoder().encode(JSON.stringify(claims));
    const sign = (key: KeyObject | Uint8Array, parameters: Record<string, unknown>) => {
      const protectedHeader = { alg: this.#algorithm, ...parameters, ...header };
      // What is critical is ours to misuse.
      const options = header.crit
        ? { crit: Object.fromEntries((header.crit as string[]).map((name) => [name, true])) }
        : {};
      return new CompactSign(payload).setProtectedHeader(protectedHeader).sign(key, options);
    };
    switch (how) {
      case "published":
        return sign(published.privateKey, { kid: "published" });
      case "unpublished":
        return sign(unpublished.privateKey, { kid: "withdrawn" });
      case "unpublished under the published name":
        return sign(unpublished.privateKey, { kid: "published" });
      case "unpublished, in the header":
        return sign(unpublished.privateKey, { jwk: unpublished.publicKey.export({ format: "jwk" }) });
      case "encryption key":
        return sign(encryption.privateKey, { kid: "encryption" });
      case "public key as secret": {
        const pem = published.publicKey.export({ format: "pem", type: "spki" });
        return sign(new TextEncoder().encode(String(pem)), { alg: "HS256", kid: "published" });
      }
      case "none":
        return new UnsecuredJWT(claims).encode();
      case "broken": {
        const [head, body, signature = ""] = (await sign(published.privateKey, { kid: "published" })).split(".");
        const bytes = Buffer.from(signature, "base64url");
        bytes[10] = (bytes[10] as number) ^ 1;
        return `${head}.${body}.${bytes.toString("base64url")}`;
      }
    }
  }
}

type Encryption = { alg: string; enc: string; key: JWK };

async function encrypt(jwt: string, { alg, enc, key }: Encryption): Promise<string> {
  const header = { alg, enc, cty: "JWT", ...(key.kid === undefined ? {} : { kid: key.kid }) };
  return new CompactEncrypt(new TextEncoder().encode(jwt))
    .setProtectedHeader(header)
    .encrypt(await importJWK(key, alg));
}

function makeKey(algorithm: "ES256" | "RS256") {
  return algorithm === "ES256"
    ? generateKeyPairSync("ec", { namedCurve: "P-256" })
    : generateKeyPairSync("rsa", { modulusLength: 2048 });
}

function present(parameters: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

const seconds = () => Math.floor(Date.now() / 1000);

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > maxBody) throw new RangeError("the body is too long");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
