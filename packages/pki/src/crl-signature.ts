import type { Certificate } from "./certificate.ts";
import type { Crl, CrlContents } from "./crl.ts";
import { keyUsage } from "./extensions.ts";
import { PkiError } from "./pki-error.ts";
import { verifyStructure } from "./structure-signature.ts";

/**
 * RFC 5280 6.3.3 (f), (g): the key may sign CRLs and signed this one. Names are not compared.
 * Throws `KEY_USAGE`, `UNTRUSTED` (another key is named) or `SIGNATURE_INVALID`.
 */
export function verifyCrlSignedBy(crl: Crl, issuer: Certificate): void {
  verifyCrlSigner(crl, issuer);
  verifyStructure(issuer, crl.signatureAlgorithm, crl.tbs, crl.signature);
}

/** The same without the signature itself. */
export function verifyCrlSigner(crl: Pick<CrlContents, "authorityKeyIdentifier">, issuer: Certificate): void {
  const { keyUsage: usage, subjectKeyIdentifier } = issuer.extensions;
  if (usage !== undefined && (usage & keyUsage.cRLSign) === 0) {
    throw new PkiError("KEY_USAGE", "a key that may not sign CRLs");
  }
  const named = crl.authorityKeyIdentifier;
  if (named !== undefined && subjectKeyIdentifier !== undefined && !named.equals(subjectKeyIdentifier)) {
    throw new PkiError("UNTRUSTED", "CRL of another key");
  }
}

/** Throws `STALE` before thisUpdate and after nextUpdate. */
export function verifyCrlTime(crl: Pick<CrlContents, "thisUpdate" | "nextUpdate">, time: Date): void {
  const now = Math.floor(time.getTime() / 1000) * 1000;
  if (!(now >= crl.thisUpdate)) throw new PkiError("STALE", "CRL of the future");
  if (!(now <= crl.nextUpdate))
    throw new PkiError("STALE", `CRL that ended at ${new Date(crl.nextUpdate).toISOString()}`);
}
