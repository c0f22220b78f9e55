import type { Certificate } from "./certificate.ts";
import type { CertificateStatus } from "./certificate-status.ts";
import { type CrlContents, parseCrl } from "./crl.ts";
import { allReasons, covers, distributionPointsOf, findEntry, reasonsCovered } from "./crl-scope.ts";
import { verifyCrlSignedBy, verifyCrlTime } from "./crl-signature.ts";
import { PkiError } from "./pki-error.ts";

/** A complete CRL whose signature, issuer and time were verified against the CA that also signed the certificates. */
export class VerifiedCrl {
  readonly crl: CrlContents;
  readonly issuer: Certificate;

  constructor(crl: CrlContents, issuer: Certificate) {
    this.crl = crl;
    this.issuer = issuer;
  }

  get thisUpdate(): Date {
    return new Date(this.crl.thisUpdate);
  }

  get nextUpdate(): Date {
    return new Date(this.crl.nextUpdate);
  }

  /** Grows with every CRL of the same scope. */
  get number(): bigint {
    return this.crl.number;
  }

  get entryCount(): number {
    return this.crl.entries.count;
  }

  /**
   * What the CRL says about a certificate. `unknown` for a certificate of another issuer or of another key of the same
   * name, of another distribution point or kind, and where the CRL leaves out reasons. Does not check how old it is by now.
   */
  status(certificate: Certificate): CertificateStatus {
    const signer = certificate.extensions.authorityKeyIdentifier?.keyIdentifier;
    const own = this.issuer.extensions.subjectKeyIdentifier;
    if (signer === undefined || own === undefined || !signer.equals(own)) return { status: "unknown" };
    let reasons = 0;
    for (const point of distributionPointsOf(certificate)) {
      if (!covers(this.crl, certificate, point)) continue;
      const entry = findEntry(this.crl, certificate);
      if (entry !== undefined) return { status: "revoked", at: new Date(entry.at), reason: entry.reason };
      reasons |= reasonsCovered(this.crl, point);
    }
    if (reasons !== allReasons) return { status: "unknown" };
    return { status: "good", producedAt: this.thisUpdate, nextUpdate: this.nextUpdate };
  }
}

/**
 * Parses and verifies a complete CRL against the CA that issued it. Throws what `parseCrl` throws, `UNTRUSTED` (another
 * issuer), `KEY_USAGE`, `SIGNATURE_INVALID`, `STALE` (not of this time) or `UNSUPPORTED` (delta CRL).
 * Does not check whether `issuer` itself is trusted, valid or revoked. `der` is not copied and must not change afterwards.
 */
export function verifyCrl(der: Uint8Array, input: { issuer: Certificate; time: Date }): VerifiedCrl {
  const crl = parseCrl(der);
  if (crl.deltaBase !== undefined) throw new PkiError("UNSUPPORTED", "a delta CRL alone answers nothing");
  if (!crl.issuer.equals(input.issuer.subject)) throw new PkiError("UNTRUSTED", "CRL of another issuer");
  verifyCrlSignedBy(crl, input.issuer);
  verifyCrlTime(crl, input.time);
  return new VerifiedCrl(crl, input.issuer);
}
