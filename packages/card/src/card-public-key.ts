import { p384 } from "@noble/curves/nist.js";
import { sha256, sha384 } from "@noble/hashes/sha2.js";
import { CardError } from "./card-error.ts";
import { concatenate } from "./concatenate.ts";
import { checkRsaKey, type RsaPublicKey, verifyRsaSignature } from "./rsa.ts";
import { parseTlvs } from "./tlv.ts";

/** P-384, as the draft of the next card has it: the uncompressed point, 97 bytes. */
export type EcPublicKey = { point: Uint8Array };
export type CardPublicKey = RsaPublicKey | EcPublicKey;

const tags = { point: 0x86, exponent: 0x90, modulus: 0x91 } as const;

/** As the card writes it: 90 the exponent and 91 the modulus, or 86 the draft's point. `MALFORMED_RESPONSE` for other keys. */
export function parsePublicKey(bytes: Uint8Array): CardPublicKey {
  const [first, second, ...more] = parseTlvs(bytes);
  if (first?.tag === tags.point && !second) return checkedPoint(first.value);
  if (first?.tag !== tags.exponent || second?.tag !== tags.modulus || more.length > 0) throw malformed();
  const key = { exponent: first.value, modulus: second.value };
  checkRsaKey(key);
  return key;
}

/** The hash that goes with a key: SHA-256 with RSA, SHA-384 with P-384. */
export function digestFor(key: CardPublicKey, content: Uint8Array): Uint8Array {
  return "point" in key ? sha384(content) : sha256(content);
}

/** RSASSA-PKCS1-v1_5, or ECDSA with r and s in 48 bytes each. Throws `NOT_AUTHENTIC`. */
export function verifySignature(key: CardPublicKey, message: Uint8Array, signature: Uint8Array): void {
  if ("point" in key) verifyEcSignature(key, message, signature);
  else verifyRsaSignature(key, [sha256(message)], signature);
}

/** One signature over the digests of several segments, each of which can be shown without the others. Throws `NOT_AUTHENTIC`. */
export function verifySegments(key: CardPublicKey, segments: Uint8Array[], signature: Uint8Array): void {
  const digests = segments.map((segment) => digestFor(key, segment));
  if ("point" in key) verifyEcSignature(key, concatenate(...digests), signature);
  else verifyRsaSignature(key, digests, signature);
}

function verifyEcSignature({ point }: EcPublicKey, message: Uint8Array, signature: Uint8Array): void {
  let verified = false;
  try {
    verified = p384.verify(signature, sha384(message), point, { prehash: false, lowS: false });
  } catch {
    // Bytes that are no signature at all.
  }
  if (!verified) throw new CardError("NOT_AUTHENTIC", "the signature does not belong to these data");
}

function checkedPoint(point: Uint8Array): EcPublicKey {
  if (point.length !== 97 || point[0] !== 0x04) throw malformed();
  try {
    p384.Point.fromBytes(point).assertValidity();
  } catch (cause) {
    throw malformed(cause);
  }
  return { point };
}

function malformed(cause?: unknown): CardError {
  return new CardError("MALFORMED_RESPONSE", "not a public key", { cause });
}
