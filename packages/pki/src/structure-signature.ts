import { type KeyObject, verify } from "node:crypto";
import type { SignatureAlgorithm } from "./algorithm.ts";
import { PkiError } from "./pki-error.ts";

/**
 * Verifies the signature over a to-be-signed structure. `key` should be kept and reused: importing costs.
 * Throws `UNSUPPORTED` or `SIGNATURE_INVALID`.
 */
export function verifyStructure(
  key: KeyObject,
  algorithm: SignatureAlgorithm,
  signed: Buffer,
  signature: Buffer,
): void {
  const { known } = algorithm;
  if (known === undefined) throw new PkiError("UNSUPPORTED", `signature algorithm ${algorithm.oid}`);
  if (key.asymmetricKeyType !== known.key || !verify(known.hash, signed, key, signature)) {
    throw new PkiError("SIGNATURE_INVALID", "signature does not match");
  }
}
