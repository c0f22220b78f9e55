import { hash } from "node:crypto";
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, jwtVerify } from "jose";
import type Provider from "oidc-provider";
import type { Authenticate, Caller, Credentials } from "../http/caller.ts";
import type { FindClient } from "../http/known-client.ts";
import { ApiProblem } from "../http/problem.ts";
import { clientSignatures } from "./algorithms.ts";

/** Whom a client's own tokens are for, and what a resource indicator (RFC 8707) may name. */
export function apiAudience(issuer: string): string {
  return `${issuer}/v1`;
}

/** How old a proof may be and how far ahead its clock, in seconds; for as long its `jti` is remembered. */
const proofMaxAge = 300;
const clockTolerance = 15;

/**
 * Knows a caller of our API by the access token that our provider gave out (RFC 6750), looked up in process. A token that
 * is bound to a key (RFC 9449) needs the proof for this very call. A person's token is one without `aud`; a client's own
 * is for the API, `<issuer>/v1`. Tokens for other audiences are refused.
 */
export function authenticateByToken(provider: Provider, findClient: FindClient): Authenticate {
  return async (credentials, kinds) => {
    const [scheme, value] = readAuthorization(credentials.authorization);
    const token = await findToken(provider, value, kinds);
    if (token.jkt === undefined ? scheme === "dpop" : scheme === "bearer") {
      throw new ApiProblem("TOKEN_INVALID", { detail: "of the other token type" });
    }
    if (token.jkt !== undefined) await verifyProof(provider, credentials, { value, ...token, jkt: token.jkt });
    const [client, grant] = await Promise.all([
      findClient(token.clientId),
      token.kind === "person" ? provider.Grant.find(token.grantId, { ignoreExpiration: true }) : undefined,
    ]);
    if (!client) throw new ApiProblem("TOKEN_INVALID");
    const calling = { ...client, scopes: token.scopes };
    if (token.kind === "client") return { token: "client", ...calling };
    if (grant?.accountId !== token.accountId) throw new ApiProblem("TOKEN_INVALID");
    return { token: "person", accountId: token.accountId, ...calling };
  };
}

type FoundToken = { clientId: string; scopes: Set<string>; jkt: string | undefined } & (
  | { kind: "person"; accountId: string; grantId: string }
  | { kind: "client" }
);

/** The token if it lives, is for this API and of a kind that may call. */
async function findToken(provider: Provider, value: string, kinds: readonly Caller["token"][]): Promise<FoundToken> {
  for (const kind of kinds) {
    const found = await finders[kind](provider, value);
    if (found) return found;
  }
  // Worth a look only to say what is wrong with it.
  const others = (["person", "client"] as const).filter((kind) => !kinds.includes(kind));
  for (const kind of others) {
    if (await finders[kind](provider, value)) {
      throw new ApiProblem("TOKEN_INVALID", { detail: `this call takes a token of the ${kinds.join(" or the ")}` });
    }
  }
  throw new ApiProblem("TOKEN_INVALID");
}

const finders = {
  async person(provider: Provider, value: string): Promise<FoundToken | undefined> {
    const token = await provider.AccessToken.find(value);
    if (!token?.isValid || token.aud !== undefined || !token.accountId || !token.clientId || !token.grantId) return;
    const { accountId, clientId, grantId, scopes, jkt } = token;
    return { kind: "person", accountId, clientId, grantId, scopes, jkt };
  },
  async client(provider: Provider, value: string): Promise<FoundToken | undefined> {
    const token = await provider.ClientCredentials.find(value);
    if (!token?.isValid || token.aud !== apiAudience(provider.issuer) || !token.clientId) return;
    const { clientId, scopes, jkt } = token;
    return { kind: "client", clientId, scopes, jkt };
  },
} satisfies Record<Caller["token"], (provider: Provider, value: string) => Promise<FoundToken | undefined>>;

function readAuthorization(header: string | undefined): [scheme: "bearer" | "dpop", token: string] {
  const [, scheme, token] = /^(bearer|dpop) ([A-Za-z0-9._~+/=-]{1,512})$/i.exec(header ?? "") ?? [];
  if (!scheme || !token) throw new ApiProblem("TOKEN_INVALID", { detail: "no access token" });
  return [scheme.toLowerCase() as "bearer" | "dpop", token];
}

type BoundToken = { value: string; jkt: string; clientId?: string | undefined };

/** RFC 9449 section 4.3. */
async function verifyProof(provider: Provider, { method, url, dpop }: Credentials, token: BoundToken): Promise<void> {
  const refuse = (detail: string, cause?: unknown): never => {
    throw new ApiProblem("DPOP_PROOF_INVALID", { detail, cause });
  };
  if (!dpop || dpop.length > 4096) return refuse("no DPoP proof");
  const { payload, protectedHeader } = await jwtVerify(dpop, EmbeddedJWK, {
    typ: "dpop+jwt",
    algorithms: [...clientSignatures],
    maxTokenAge: proofMaxAge,
    clockTolerance,
    requiredClaims: ["jti", "htm", "htu", "ath", "iat"],
  }).catch((cause) => refuse("not a DPoP proof, or too old", cause));
  if (payload.htm !== method) refuse("htm is another method");
  const target = typeof payload.htu === "string" ? URL.parse(payload.htu) : null;
  if (!target || `${target.origin}${target.pathname}` !== url) refuse("htu is another address");
  if (payload.ath !== hash("sha256", token.value, "base64url")) refuse("ath is of another token");
  if ((await calculateJwkThumbprint(protectedHeader.jwk as JWK)) !== token.jkt) refuse("by another key");
  const { jti } = payload;
  if (typeof jti !== "string" || jti.length > 256) return refuse("jti must be text of at most 256 characters");
  const expiry = Math.floor(Date.now() / 1000) + proofMaxAge + 2 * clockTolerance;
  if (!(await provider.ReplayDetection.unique(token.clientId ?? "", jti, expiry))) refuse("was used before");
}
