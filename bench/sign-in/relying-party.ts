import { createHash, createPrivateKey, type JsonWebKey, randomBytes, sign } from "node:crypto";
import { type Answer, send } from "./http.ts";

/** A relying party with PKCE, `state`, `nonce` and `private_key_jwt`: as little work as a load generator can do. */
export type RelyingParty = {
  issuer: string;
  clientId: string;
  privateJwk: JsonWebKey;
  redirectUri: string;
  scope: string;
};

export type Authorization = { url: string; verifier: string; state: string };

export function authorization({ issuer, clientId, redirectUri, scope }: RelyingParty, endpoint: string): Authorization {
  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(16).toString("base64url");
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope,
    state,
    nonce: randomBytes(16).toString("base64url"),
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  return { url: `${issuer}${endpoint}?${query}`, verifier, state };
}

/** Redeems the code of a callback URL. Throws when there are no tokens. */
export async function redeem(
  party: RelyingParty,
  tokenEndpoint: string,
  port: number,
  { verifier, state }: Authorization,
  callback: string,
): Promise<void> {
  const answered = new URL(callback).searchParams;
  const code = answered.get("code");
  if (!code || answered.get("state") !== state) throw new Error(`no code: ${callback}`);
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    redirect_uri: party.redirectUri,
    code_verifier: verifier,
    client_id: party.clientId,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion(party),
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await send(port, "POST", party.issuer + tokenEndpoint, headers, body.toString());
  if (answer.status !== 200) throw unexpected("token", answer);
  const tokens = JSON.parse(answer.body) as Record<string, unknown>;
  if (!tokens.id_token || !tokens.access_token) throw unexpected("token", answer);
}

export function unexpected(step: string, answer: Answer): Error {
  return new Error(`${step}: ${answer.status} ${answer.body.slice(0, 300)}`);
}

/** Where a redirect goes. Throws when the answer is none. */
export function location(step: string, answer: Answer, base: string): string {
  const target = answer.headers.location;
  if (answer.status < 300 || answer.status > 399 || typeof target !== "string") throw unexpected(step, answer);
  return new URL(target, base).href;
}

const keys = new Map<JsonWebKey, ReturnType<typeof createPrivateKey>>();

/** RFC 7523 §3, audience = issuer. */
function assertion({ clientId, issuer, privateJwk }: RelyingParty): string {
  const key = keys.get(privateJwk) ?? createPrivateKey({ key: privateJwk, format: "jwk" });
  keys.set(privateJwk, key);
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: issuer,
    iat: now,
    exp: now + 60,
    jti: randomBytes(16).toString("hex"),
  };
  const signingInput = `${part({ alg: "ES256", kid: (privateJwk as { kid?: string }).kid })}.${part(claims)}`;
  const signature = sign("sha256", Buffer.from(signingInput), { key, dsaEncoding: "ieee-p1363" });
  return `${signingInput}.${signature.toString("base64url")}`;
}
