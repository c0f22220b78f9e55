import { createPublicKey, type KeyObject, sign } from "node:crypto";
import type { EcPublicKey } from "../card-public-key.ts";
import { concatenate } from "../concatenate.ts";
import type { RsaPublicKey } from "../rsa.ts";
import { encodeTlv } from "../tlv.ts";

/** RSASSA-PKCS1-v1_5 with SHA-256; with a P-384 key, as the draft has, ECDSA with SHA-384, r and s in 48 bytes each. */
export function signRecord(record: Uint8Array, key: KeyObject): Uint8Array {
  return isDraftKey(key) ? sign("sha384", record, { key, dsaEncoding: "ieee-p1363" }) : sign("sha256", record, key);
}

export function isDraftKey(key: KeyObject): boolean {
  return key.asymmetricKeyType === "ec";
}

/** A public key as the card writes it: 90 the exponent and 91 the modulus, or 86 the point of the draft's, uncompressed. */
export function encodePublicKey(key: KeyObject): Uint8Array {
  if (isDraftKey(key)) {
    return encodeTlv(0x86, ecPublicKey(key).point);
  }
  const { exponent, modulus } = rsaPublicKey(key);
  return concatenate(encodeTlv(0x90, exponent), encodeTlv(0x91, modulus));
}

/** The public half of an RSA key. */
export function rsaPublicKey(key: KeyObject): RsaPublicKey {
  const { n, e } = jwkOf(key);
  return { exponent: bytes(e), modulus: bytes(n) };
}

/** The public half of a P-384 key. */
export function ecPublicKey(key: KeyObject): EcPublicKey {
  const { x, y } = jwkOf(key);
  return { point: concatenate(Uint8Array.of(0x04), bytes(x), bytes(y)) };
}

function jwkOf(key: KeyObject): JsonWebKey {
  return (key.type === "private" ? createPublicKey(key) : key).export({ format: "jwk" }) as JsonWebKey;
}

function bytes(base64url: string | undefined): Uint8Array {
  if (base64url === undefined) throw new TypeError("a key of another kind");
  return Uint8Array.from(Buffer.from(base64url, "base64url"));
}
