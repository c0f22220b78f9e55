import { Certificate } from "./certificate.ts";
import { sequence, unsignedInteger } from "./der/writer.ts";
import { keyUsage } from "./extensions.ts";
import { PkiError } from "./pki-error.ts";

const messageAlgorithms = {
  RS256: { key: "rsa", curve: undefined, hash: "sha256", pss: false },
  PS256: { key: "rsa", curve: undefined, hash: "sha256", pss: true },
  ES256: { key: "ec", curve: "prime256v1", hash: "sha256", pss: false },
  ES384: { key: "ec", curve: "secp384r1", hash: "sha384", pss: false },
} as const;

export type MessageAlgorithm = keyof typeof messageAlgorithms;

/**
 * Verifies a signature that the holder of a certificate made over `data`. RS256 is RSASSA-PKCS1-v1_5, PS256 RSASSA-PSS with a
 * salt of 32 octets; ES256 and ES384 take the DER form of an ECDSA signature. Throws `SIGNATURE_INVALID`, or `KEY_USAGE` when
 * the certificate is not for signing. Does not check whether a certificate given without its path is trusted, valid or revoked.
 */
export function verifySignature(input: {
  certificate: Certificate | { readonly certificate: Certificate };
  algorithm: MessageAlgorithm;
  data: Uint8Array;
  signature: Uint8Array;
}): void {
  const certificate = input.certificate instanceof Certificate ? input.certificate : input.certificate.certificate;
  verifyMaySign(certificate);
  const { key, curve, hash, pss } = messageAlgorithms[input.algorithm];
  const { verificationKey } = certificate;
  const isOfKind = verificationKey.type === key && verificationKey.curve === curve;
  const matches = pss
    ? verificationKey.matchesPss(hash, input.data, input.signature)
    : verificationKey.matches(hash, input.data, input.signature);
  if (!isOfKind || !matches) throw new PkiError("SIGNATURE_INVALID", "signature does not match");
}

/**
 * The same for a SHA-256 whose data are with somebody else, RS256 only. That the digest is of what it is said to be is the
 * caller's to know.
 */
export function verifyDigestSignature(input: {
  certificate: Certificate | { readonly certificate: Certificate };
  digest: Uint8Array;
  signature: Uint8Array;
}): void {
  const certificate = input.certificate instanceof Certificate ? input.certificate : input.certificate.certificate;
  verifyMaySign(certificate);
  const { digest, signature } = input;
  if (digest.length !== 32 || !certificate.verificationKey.matchesDigest("sha256", digest, signature)) {
    throw new PkiError("SIGNATURE_INVALID", "signature does not match");
  }
}

/** Throws `KEY_USAGE` when the certificate is not for signing messages. */
export function verifyMaySign(certificate: Certificate): void {
  const usage = certificate.extensions.keyUsage;
  if (usage !== undefined && (usage & (keyUsage.digitalSignature | keyUsage.nonRepudiation)) === 0) {
    throw new PkiError("KEY_USAGE", "the certificate is not for signatures");
  }
}

/** An ECDSA signature as cards and JOSE write it, r and s of one length, in the DER of X.509 and CMS. */
export function encodeEcdsaSignature(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  return sequence(unsignedInteger(raw.subarray(0, half)), unsignedInteger(raw.subarray(half)));
}
