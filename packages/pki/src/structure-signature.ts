import type { SignatureAlgorithm } from "./algorithm.ts";
import { PkiError } from "./pki-error.ts";
import type { PublicKey } from "./public-key.ts";

/** Verifies the signature over a to-be-signed structure. Throws `UNSUPPORTED`, `SIGNATURE_INVALID` or what is wrong with the key. */
export function verifyStructure(
  by: { readonly verificationKey: PublicKey },
  algorithm: SignatureAlgorithm,
  signed: Buffer,
  signature: Buffer,
): void {
  const { known } = algorithm;
  if (known === undefined) throw new PkiError("UNSUPPORTED", `signature algorithm ${algorithm.oid}`);
  const { verificationKey: key } = by;
  if (key.type !== known.key || !key.matches(known.hash, signed, signature)) {
    throw new PkiError("SIGNATURE_INVALID", "signature does not match");
  }
}
