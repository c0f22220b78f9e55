import type { Certificate } from "./certificate.ts";
import type { Crl } from "./crl.ts";
import type { CrlEntry } from "./crl-entries.ts";
import { allReasons, covers, distributionPointsOf, findEntry, reasonsCovered } from "./crl-scope.ts";
import { verifyCrlSignedBy, verifyCrlTime } from "./crl-signature.ts";
import { type VerifiedPath, verifyPath } from "./path.ts";
import { PkiError } from "./pki-error.ts";

/** CRLs that one check looks at. */
const maxCrls = 256;

/** How many CRL issuers may stand behind each other, each with a certificate that needs a CRL of the next. */
const maxIssuerDepth = 3;

export type PathRevocationInput = {
  path: VerifiedPath;
  /** Complete and delta CRLs in any order; those that do not help are ignored, broken ones should not be given. */
  crls: readonly Crl[];
  /** Where certificates of CRL issuers that are not on the path are looked for, and their intermediates. */
  certificates?: readonly Certificate[];
  time: Date;
};

/**
 * Checks every certificate of a verified path against CRLs (RFC 5280 section 6.3): distribution points, reasons, indirect
 * CRLs, deltas, and CRL issuers with keys of their own, which must come from the same trust anchor and not be revoked.
 * Throws `REVOKED`, or `STATUS_UNKNOWN` as soon as the CRLs do not answer for one certificate. The anchor is not checked.
 */
export function verifyPathNotRevoked(input: PathRevocationInput): void {
  if (input.crls.length > maxCrls) throw new PkiError("TOO_COMPLEX", `more than ${maxCrls} CRLs`);
  new RevocationCheck(input).verify(input.path, 0);
}

class RevocationCheck {
  readonly #crls: readonly Crl[];
  readonly #certificates: readonly Certificate[];
  readonly #anchor: Certificate;
  readonly #time: Date;
  /** Certificates found not revoked, the trust anchor first. Only these may sign what is believed. */
  readonly #cleared: Set<Certificate>;

  constructor({ path, crls, certificates, time }: PathRevocationInput) {
    this.#crls = crls;
    this.#certificates = certificates ?? [];
    this.#anchor = path.anchor;
    this.#time = time;
    this.#cleared = new Set([path.anchor]);
  }

  verify(path: VerifiedPath, depth: number): void {
    for (const certificate of path.path) {
      if (this.#cleared.has(certificate)) continue;
      this.#verifyCertificate(certificate, depth);
      this.#cleared.add(certificate);
    }
  }

  #verifyCertificate(certificate: Certificate, depth: number): void {
    let reasons = 0;
    for (const point of distributionPointsOf(certificate)) {
      for (const crl of this.#crls) {
        if (crl.deltaBase !== undefined || !covers(crl, certificate, point)) continue;
        const gained = reasonsCovered(crl, point);
        if ((gained & ~reasons) === 0) continue;
        const signer = this.#signerOf(crl, depth);
        if (signer === undefined) continue;
        const entry = this.#entryWithDelta(crl, certificate, signer);
        if (entry !== undefined) throw new PkiError("REVOKED", `revoked: ${entry.reason}`);
        reasons |= gained;
        if (reasons === allReasons) return;
      }
    }
    throw new PkiError("STATUS_UNKNOWN", "no revocation information that covers the certificate");
  }

  /** RFC 5280 6.3.3 (c), (h)–(k): what a delta CRL says goes before what its base says. */
  #entryWithDelta(base: Crl, certificate: Certificate, signer: Certificate): CrlEntry | undefined {
    let newest: Crl | undefined;
    for (const delta of this.#crls) {
      if (!isDeltaOf(delta, base) || (newest !== undefined && delta.number <= newest.number)) continue;
      if (passes(() => this.#verifyCrl(delta, signer))) newest = delta;
    }
    const change = newest && findEntry(newest, certificate);
    if (change?.reason === "removeFromCRL") return undefined;
    return change ?? findEntry(base, certificate);
  }

  /** A certificate, not revoked and below the same anchor, whose key signed the CRL, which is of this time. */
  #signerOf(crl: Crl, depth: number): Certificate | undefined {
    const candidates = new Set([...this.#cleared, ...this.#certificates]);
    for (const candidate of candidates) {
      if (!candidate.subject.equals(crl.issuer)) continue;
      if (!passes(() => this.#verifyCrl(crl, candidate))) continue;
      if (this.#cleared.has(candidate)) return candidate;
      if (depth < maxIssuerDepth && passes(() => this.#clear(candidate, depth))) return candidate;
    }
    return undefined;
  }

  #verifyCrl(crl: Crl, signer: Certificate): void {
    verifyCrlTime(crl, this.#time);
    verifyCrlSignedBy(crl, signer);
  }

  #clear(certificate: Certificate, depth: number): void {
    const path = verifyPath({
      certificate,
      intermediates: this.#certificates,
      anchors: [this.#anchor],
      time: this.#time,
    });
    this.verify(path, depth + 1);
  }
}

/** RFC 5280 6.3.3 (c): same issuer, key and scope, and its base is not newer than the complete CRL. */
function isDeltaOf(delta: Crl, base: Crl): boolean {
  if (delta.deltaBase === undefined || delta.deltaBase > base.number || delta.number < base.number) return false;
  return (
    delta.issuer.equals(base.issuer) &&
    sameBytes(delta.issuingDistributionPoint?.der, base.issuingDistributionPoint?.der) &&
    sameBytes(delta.authorityKeyIdentifier, base.authorityKeyIdentifier)
  );
}

function sameBytes(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}

function passes(verify: () => void): boolean {
  try {
    verify();
    return true;
  } catch (error) {
    if (error instanceof PkiError) return false;
    throw error;
  }
}
