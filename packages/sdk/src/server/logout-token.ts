import { compactDecrypt, createRemoteJWKSet, customFetch, importJWK, type JWK, type JWTPayload, jwtVerify } from "jose";
import type { Configuration } from "openid-client";
import { boundedFetch } from "./bounded-fetch.ts";
import type { Connection } from "./client.ts";
import { XidError } from "./xid-error.ts";

/** A sign-in that has ended at the provider: by the person, or because their device or the link is gone. */
export type LoggedOut = {
  /** `subject` of the sign-in. */
  subject: string;
  /** `sessionId` of the sign-in: that one has ended, and no other. */
  sessionId: string;
  /** Equal where the provider tells the same again. */
  tokenId: string;
};

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";

/** Seconds; the provider makes a new token for each attempt. */
const maxAge = 300;
const clockTolerance = 60;

const maxLength = 16_384;

const keySets = new WeakMap<Configuration, ReturnType<typeof createRemoteJWKSet>>();

/**
 * OpenID Connect Back-Channel Logout 1.0 §2.6. Throws LOGOUT_TOKEN_INVALID. Does not know whether the same came before, which
 * ends nothing twice.
 */
export async function verifyLogoutToken(
  { configuration, encrypted }: Connection,
  token: string | undefined | null,
  decryptionKeys: () => Promise<JWK[]>,
): Promise<LoggedOut> {
  try {
    if (!token || token.length > maxLength) throw new TypeError("there is none");
    const jwt = encrypted ? await decrypt(token, await decryptionKeys()) : token;
    const { payload } = await jwtVerify(jwt, keysOf(configuration), {
      issuer: configuration.serverMetadata().issuer,
      audience: configuration.clientMetadata().client_id,
      algorithms: ["ES256"],
      typ: "logout+jwt",
      maxTokenAge: maxAge,
      clockTolerance,
      requiredClaims: ["iss", "aud", "iat", "exp", "jti", "sub", "sid", "events"],
    });
    return read(payload);
  } catch (cause) {
    throw new XidError("LOGOUT_TOKEN_INVALID", "not a logout token of the provider for this client", { cause });
  }
}

function read({ sub, sid, jti, events, nonce }: JWTPayload): LoggedOut {
  const event = (events as Record<string, unknown> | null)?.[logoutEvent];
  if (typeof event !== "object" || event === null) throw new TypeError("is about another event");
  // An ID token cannot pass for one.
  if (nonce !== undefined) throw new TypeError("has a nonce");
  if (typeof sub !== "string" || typeof sid !== "string" || typeof jti !== "string")
    throw new TypeError("is malformed");
  return { subject: sub, sessionId: sid, tokenId: jti };
}

function keysOf(configuration: Configuration): ReturnType<typeof createRemoteJWKSet> {
  const known = keySets.get(configuration);
  if (known) return known;
  const fetchKeys = (url: string, options: object) => boundedFetch(url, options as Parameters<typeof boundedFetch>[1]);
  const keys = createRemoteJWKSet(new URL(configuration.serverMetadata().jwks_uri!), { [customFetch]: fetchKeys });
  keySets.set(configuration, keys);
  return keys;
}

async function decrypt(token: string, [key]: JWK[]): Promise<string> {
  if (!key) throw new TypeError("there is no key that opens it");
  const { plaintext } = await compactDecrypt(token, await importJWK(key, "ECDH-ES"), {
    keyManagementAlgorithms: ["ECDH-ES"],
    contentEncryptionAlgorithms: ["A256GCM"],
  });
  return new TextDecoder().decode(plaintext);
}
