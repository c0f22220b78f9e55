import { createPublicKey, type JsonWebKey, timingSafeEqual, verify } from "node:crypto";
import {
  credentialType,
  credentialTypeUri,
  type Disclosure,
  decodeJws,
  disclosureDigest,
  formatSdJwt,
  keyBindingType,
  ProtocolError,
  PublicJwk,
  parseSdJwt,
  presentationDigest,
  type SdJwt,
} from "@xid/protocol";
import type { JWK } from "jose";
import { z } from "zod";
import { boundedFetch } from "./bounded-fetch.ts";
import { type Claims, parseClaims } from "./items.ts";
import { openEnvelope } from "./open-envelope.ts";
import { XidError } from "./xid-error.ts";

/** What a presentation must be for, and what it is judged by. */
export type PresentationCheck = {
  /** Our private P-256 JWKs for encryption. */
  keys: readonly JWK[];
  /** The issuer's public keys: `fetchIssuerKeys`. */
  issuerKeys: readonly JWK[];
  issuer: string;
  /** Our client id. */
  audience: string;
  /** `nonce` of the authorization request; the request's id where there was none. */
  nonce: string;
  /** Milliseconds since 1970. */
  now: number;
};

export type OpenedPresentation = {
  claims: Claims;
  /** By the platform. */
  issuedAt: Date;
  /** By the person's device. */
  presentedAt: Date;
  /** The SD-JWT with its key binding: what proves the claims to anybody who knows the issuer's keys. */
  sdJwt: string;
};

/** Seconds that clocks may differ. */
const clockTolerance = 60;

const seconds = z.int().min(0);

const IssuerClaims = z.object({
  iss: z.string(),
  vct: z.string(),
  iat: seconds,
  exp: seconds,
  cnf: z.object({ jwk: PublicJwk }),
  _sd_alg: z.literal("sha-256"),
  _sd: z.array(z.string()).max(64),
});

const KeyBindingClaims = z.strictObject({ iat: seconds, aud: z.string(), nonce: z.string(), sd_hash: z.string() });

const IssuerMetadata = z.object({
  issuer: z.string(),
  jwks: z.object({
    keys: z
      .array(z.looseObject({ kty: z.string(), kid: z.string() }))
      .min(1)
      .max(20),
  }),
});

/** The keys with which an issuer signs credentials (draft-ietf-oauth-sd-jwt-vc §5). Throws RESPONSE_INVALID or UNREACHABLE. */
export async function fetchIssuerKeys(issuer: string): Promise<JWK[]> {
  let response: Response;
  try {
    response = await boundedFetch(`${issuer}/.well-known/jwt-vc-issuer`, {
      method: "GET",
      headers: { accept: "application/json" },
      body: null,
      redirect: "manual",
      signal: AbortSignal.timeout(10_000),
    });
  } catch (cause) {
    throw new XidError("UNREACHABLE", "the issuer's keys could not be read", { cause });
  }
  const metadata = IssuerMetadata.safeParse(await response.json().catch(() => undefined));
  if (!response.ok || !metadata.success || metadata.data.issuer !== issuer) {
    throw new XidError("RESPONSE_INVALID", "the issuer does not say its keys");
  }
  return metadata.data.jwks.keys as JWK[];
}

/**
 * Opens what an app has presented to us end to end, and verifies everything about it (RFC 9901 §7.3): the envelope is ours;
 * the issuer signed the credential and each claim in it; and the holder of its key made this presentation for us and this
 * request. Throws ENVELOPE_INVALID, CREDENTIAL_INVALID, HOLDER_MISMATCH, or RESPONSE_INVALID for a claim in an unknown form.
 * That the issuer's keys are the issuer's is the caller's to know.
 */
export async function openPresentation(envelope: string, check: PresentationCheck): Promise<OpenedPresentation> {
  const sdJwt = await openEnvelope(envelope, check.keys, credentialType);
  const parsed = parse(sdJwt);
  const credential = verifyIssuer(parsed.issuerJwt, check);
  const claims = readDisclosures(parsed.disclosures, credential._sd);
  const { iat } = verifyHolder(parsed, credential, check);
  return {
    claims: parseClaims(claims),
    issuedAt: new Date(credential.iat * 1000),
    presentedAt: new Date(iat * 1000),
    sdJwt,
  };
}

function parse(sdJwt: string): SdJwt & { keyBindingJwt: string } {
  try {
    const { keyBindingJwt, ...parsed } = parseSdJwt(sdJwt);
    if (keyBindingJwt === null) throw new XidError("HOLDER_MISMATCH", "nobody presents it");
    return { keyBindingJwt, ...parsed };
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new XidError("CREDENTIAL_INVALID", "not a presentation", { cause });
  }
}

function verifyIssuer(jwt: string, { issuerKeys, issuer, now }: PresentationCheck): z.infer<typeof IssuerClaims> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new XidError("CREDENTIAL_INVALID", why, { cause });
  };
  const { header, payload } = verifyJws(jwt, (kid) => issuerKeys.find((key) => key.kid === kid), refuse);
  if (header.typ !== credentialType) refuse("not a credential");
  const parsed = IssuerClaims.safeParse(payload);
  if (!parsed.success) return refuse("a credential in an unknown form", parsed.error);
  const claims = parsed.data;
  const time = now / 1000;
  if (claims.iss !== issuer || claims.vct !== credentialTypeUri(issuer)) refuse("of another issuer or type");
  if (claims.iat > time + clockTolerance || claims.exp < time - clockTolerance) refuse("not valid now");
  return claims;
}

/** RFC 9901 §7.1 (3) and (4): every disclosure is signed for, once, and nothing comes twice. */
function readDisclosures(disclosures: readonly Disclosure[], digests: readonly string[]): Record<string, unknown> {
  const refuse = (why: string): never => {
    throw new XidError("CREDENTIAL_INVALID", why);
  };
  if (new Set(digests).size !== digests.length) refuse("a digest comes twice");
  const given = disclosures.map(disclosureDigest);
  if (new Set(given).size !== given.length) refuse("a disclosure comes twice");
  if (given.some((digest) => !digests.includes(digest))) refuse("a claim that the issuer did not sign");
  const names = disclosures.map(({ name }) => name);
  if (new Set(names).size !== names.length || names.some((name) => name.startsWith("_sd") || name === "...")) {
    refuse("a claim that comes twice, or cannot be one");
  }
  return Object.fromEntries(disclosures.map(({ name, value }) => [name, value]));
}

/** RFC 9901 §7.3 (5) */
function verifyHolder(
  { issuerJwt, disclosures, keyBindingJwt }: ReturnType<typeof parse>,
  { cnf, iat: issuedAt, exp }: z.infer<typeof IssuerClaims>,
  { audience, nonce }: PresentationCheck,
): z.infer<typeof KeyBindingClaims> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new XidError("HOLDER_MISMATCH", why, { cause });
  };
  const { header, payload } = verifyJws(keyBindingJwt, () => cnf.jwk, refuse);
  if (header.typ !== keyBindingType) refuse("not a key binding");
  const parsed = KeyBindingClaims.safeParse(payload);
  if (!parsed.success) return refuse("a key binding in an unknown form", parsed.error);
  const claims = parsed.data;
  if (claims.aud !== audience) refuse("presented to another relying party");
  if (!isEqual(claims.nonce, nonce)) refuse("presented for another request");
  if (claims.sd_hash !== presentationDigest(formatSdJwt(issuerJwt, disclosures)))
    refuse("something else was presented");
  if (claims.iat < issuedAt - clockTolerance || claims.iat > exp + clockTolerance) refuse("presented at another time");
  return claims;
}

function verifyJws(
  jwt: string,
  findKey: (kid: unknown) => object | undefined,
  refuse: (why: string, cause?: unknown) => never,
): { header: Record<string, unknown>; payload: unknown } {
  try {
    const { header, payload, signingInput, signature } = decodeJws(jwt);
    const jwk = findKey(header.kid) ?? refuse("signed by an unknown key");
    const key = createPublicKey({ key: jwk as JsonWebKey, format: "jwk" });
    const isP256 = key.asymmetricKeyDetails?.namedCurve === "prime256v1";
    if (!isP256 || !verify("sha256", signingInput, { key, dsaEncoding: "ieee-p1363" }, signature)) {
      refuse("the signature does not fit");
    }
    return { header, payload };
  } catch (cause) {
    if (cause instanceof XidError) throw cause;
    return refuse("not signed", cause);
  }
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
