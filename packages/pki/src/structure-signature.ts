import { type KeyObject, verify } from "node:crypto";
import type { SignatureAlgorithm } from "./algorithm.ts";
import { PkiError } from "./pki-error.ts";

/** The key that a signature is verified with. */
export type VerificationKey = {
  /** Should be kept and reused: importing costs more than verifying. */
  readonly publicKey: KeyObject;
  readonly keyType: "rsa" | "ec" | undefined;
};

/** Verifies the signature over a to-be-signed structure. Throws `UNSUPPORTED` or `SIGNATURE_INVALID`. */
export function verifyStructure(
  by: VerificationKey,
  algorithm: SignatureAlgorithm,
  signed: Buffer,
  signature: Buffer,
): void {
  const { known } = algorithm;
  if (known === undefined) throw new PkiError("UNSUPPORTED", `signature algorithm ${algorithm.oid}`);
  const { publicKey } = by;
  if (by.keyType !== known.key || !verify(known.hash, signed, publicKey, signature)) {
    throw new PkiError("SIGNATURE_INVALID", "signature does not match");
  }
}
