import { z } from "zod";
import { fromBase64url, toBase64url } from "./bytes.ts";
import { sha256 } from "./canonical.ts";
import { ProtocolError } from "./error.ts";
import type { EcJwk } from "./jws.ts";

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** A relying party's public key for encryption, as it stands in its own JWK set: P-256, `use` "enc". */
export const EncryptionKey = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: coordinate,
  y: coordinate,
  use: z.literal("enc"),
  alg: z.literal("ECDH-ES").optional(),
  kid: z.string().max(256).optional(),
});
export type EncryptionKey = z.infer<typeof EncryptionKey>;

/** Whom something is encrypted to, as the platform names it: the wallet takes the key from the address itself. */
export const Recipient = z.object({ jwksUri: z.string().max(1024), key: EncryptionKey });
export type Recipient = z.infer<typeof Recipient>;

const Jwks = z.object({ keys: z.array(z.unknown()).max(20) });

/** Bytes of a relying party's JWK set, and milliseconds until it must be there. */
const maxKeySetSize = 65_536;
const keySetTimeout = 5_000;

/** Bytes that are encrypted at most. */
export const maxEnvelopeContent = 262_144;

/** What an envelope is made with: WebCrypto, or what stands in for it where there is none. */
export type EnvelopeCrypto = {
  /** A key pair that is used for this one message, and what it agrees on with `publicKey` (ECDH on P-256, 32 bytes). */
  agree(publicKey: EcJwk): Promise<{ ephemeralKey: EcJwk; sharedSecret: Uint8Array }>;
  /** AES-256-GCM; the 16 bytes of the tag follow the ciphertext. */
  encrypt(
    key: Uint8Array<ArrayBuffer>,
    input: {
      iv: Uint8Array<ArrayBuffer>;
      plaintext: Uint8Array<ArrayBuffer>;
      additionalData: Uint8Array<ArrayBuffer>;
    },
  ): Promise<Uint8Array>;
  randomBytes(length: number): Uint8Array<ArrayBuffer>;
};

/**
 * JWE compact serialization (RFC 7516) with ECDH-ES (RFC 7518 §4.6, direct key agreement) and A256GCM, that only the holder
 * of the recipient's private key can open. It says nothing about who made it: what is inside must prove that.
 * Throws `ProtocolError("MALFORMED")` on a key that is no point of the curve.
 *
 * @param contentType `cty` of the header: what is inside, such as `dc+sd-jwt`
 */
export async function sealEnvelope(
  key: EncryptionKey,
  contentType: string,
  content: Uint8Array<ArrayBuffer>,
  crypto: EnvelopeCrypto = webCrypto,
): Promise<string> {
  if (content.length > maxEnvelopeContent) throw new ProtocolError("MALFORMED", "too large for an envelope");
  const { kty, crv, x, y, kid } = key;
  const { ephemeralKey, sharedSecret } = await crypto.agree({ kty, crv, x, y });
  const header = {
    alg: "ECDH-ES",
    enc: "A256GCM",
    ...(kid !== undefined && { kid }),
    cty: contentType,
    epk: ephemeralKey,
  };
  const protectedHeader = toBase64url(new TextEncoder().encode(JSON.stringify(header)));
  const iv = crypto.randomBytes(12);
  const sealed = await crypto.encrypt(deriveKey(sharedSecret), {
    iv,
    plaintext: content,
    additionalData: new TextEncoder().encode(protectedHeader),
  });
  const tagAt = sealed.length - 16;
  return [
    protectedHeader,
    "",
    toBase64url(iv),
    toBase64url(sealed.subarray(0, tagAt)),
    toBase64url(sealed.subarray(tagAt)),
  ].join(".");
}

/** The keys for encryption in a relying party's JWK set, in its order. `KEY_MISSING` where there is none. */
export function encryptionKeysOf(jwks: unknown): [EncryptionKey, ...EncryptionKey[]] {
  const set = Jwks.safeParse(jwks);
  const [first, ...others] = (set.data?.keys ?? []).flatMap((jwk) => {
    const key = EncryptionKey.safeParse(jwk);
    return key.success ? [key.data] : [];
  });
  if (!first) throw new ProtocolError("KEY_MISSING", "the JWK set has no P-256 key for encryption (use: enc)");
  return [first, ...others];
}

/**
 * Takes a relying party's keys for encryption from its own `jwks_uri`. `KEY_UNREACHABLE` when there is no answer, or none
 * that this browser lets us see (the address must allow other origins), or a redirect; `KEY_MISSING` when there is no key.
 */
export async function fetchEncryptionKeys(
  jwksUri: string,
  fetchKeys: typeof fetch = fetch,
): Promise<[EncryptionKey, ...EncryptionKey[]]> {
  let jwks: unknown;
  try {
    const response = await fetchKeys(jwksUri, {
      headers: { accept: "application/json" },
      redirect: "error",
      credentials: "omit",
      signal: AbortSignal.timeout(keySetTimeout),
    });
    const text = response.ok ? await response.text() : "";
    if (text === "" || text.length > maxKeySetSize) throw new TypeError(`status ${response.status}`);
    jwks = JSON.parse(text);
  } catch (cause) {
    throw new ProtocolError("KEY_UNREACHABLE", "the relying party's keys could not be read", { cause });
  }
  return encryptionKeysOf(jwks);
}

/**
 * The relying party's own copy of the key that the platform names: taken from its `jwks_uri`, which must be on the domain
 * that the person is shown, and compared. `KEY_MISMATCH` when the platform names another key or another place: then
 * nothing may be sent. Else as `fetchEncryptionKeys`.
 *
 * @param domain as in `RequestDisplay`: host, with the port where there is one
 */
export async function requireOwnKey(
  { jwksUri, key }: Recipient,
  domain: string,
  fetchKeys?: typeof fetch,
): Promise<EncryptionKey> {
  if (URL.parse(jwksUri)?.host !== domain) {
    throw new ProtocolError("KEY_MISMATCH", "the keys are not on the relying party's own domain");
  }
  const keys = await fetchEncryptionKeys(jwksUri, fetchKeys);
  const own = keys.find(({ x, y }) => x === key.x && y === key.y);
  if (!own) throw new ProtocolError("KEY_MISMATCH", "the platform names a key that the relying party does not have");
  return own;
}

/** Concat KDF (RFC 7518 §4.6.2) for 256 bits of A256GCM, without party information: one round of SHA-256. */
function deriveKey(sharedSecret: Uint8Array): Uint8Array<ArrayBuffer> {
  const algorithm = new TextEncoder().encode("A256GCM");
  const info = new Uint8Array(4 + 32 + 4 + algorithm.length + 4 + 4 + 4);
  const view = new DataView(info.buffer);
  view.setUint32(0, 1);
  info.set(sharedSecret, 4);
  view.setUint32(36, algorithm.length);
  info.set(algorithm, 40);
  view.setUint32(info.length - 4, 256);
  return sha256(info) as Uint8Array<ArrayBuffer>;
}

const ecdh = { name: "ECDH", namedCurve: "P-256" } as const;

const webCrypto: EnvelopeCrypto = {
  async agree(publicKey) {
    const theirs = await crypto.subtle.importKey("jwk", publicKey, ecdh, false, []).catch((cause: unknown) => {
      throw new ProtocolError("MALFORMED", "not a P-256 public key", { cause });
    });
    const ours = await crypto.subtle.generateKey(ecdh, false, ["deriveBits"]);
    const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256);
    const { x, y } = await crypto.subtle.exportKey("jwk", ours.publicKey);
    return {
      ephemeralKey: { kty: "EC", crv: "P-256", x: x as string, y: y as string },
      sharedSecret: new Uint8Array(secret),
    };
  },
  async encrypt(key, { iv, plaintext, additionalData }) {
    const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
    return new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, aes, plaintext));
  },
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

/** SHA-256 of an envelope in base64url: what a statement names it by. Throws MALFORMED on what is no compact JWE. */
export function envelopeDigest(envelope: string): string {
  const parts = envelope.split(".");
  if (parts.length !== 5 || parts[1] !== "") throw new ProtocolError("MALFORMED", "not a compact JWE of ECDH-ES");
  for (const part of parts) fromBase64url(part);
  return toBase64url(sha256(new TextEncoder().encode(envelope)));
}
