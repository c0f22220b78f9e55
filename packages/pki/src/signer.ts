import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { objectIdentifier, sequence } from "./der/writer.ts";

/** AlgorithmIdentifier of what a `Signer` makes (RFC 5758 3.2). */
export const ecdsaWithSha256 = sequence(objectIdentifier("1.2.840.10045.4.3.2"));

/** A P-256 key that signs, wherever it is kept: in a file, in a hardware module. */
export type Signer = {
  readonly algorithm: "ES256";
  readonly publicKey: KeyObject;
  /** ECDSA over SHA-256 of the bytes, as the DER that X.509 uses (not the raw form of JOSE). */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
};

/** A signer on a private key in memory. Throws `TypeError` unless the key is P-256. */
export function keySigner(privateKey: KeyObject): Signer {
  const publicKey = createPublicKey(privateKey);
  if (publicKey.asymmetricKeyDetails?.namedCurve !== "prime256v1") throw new TypeError("the signing key must be P-256");
  return {
    algorithm: "ES256",
    publicKey,
    sign: (bytes) => Promise.resolve(sign("sha256", bytes, privateKey)),
  };
}
