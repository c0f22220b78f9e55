import { hash as digest } from "node:crypto";
import type { Certificate } from "../certificate.ts";
import { DerReader } from "../der/reader.ts";
import { contextConstructed, tags } from "../der/tags.ts";
import { element, integer, objectIdentifier, octetString, sequence } from "../der/writer.ts";
import { PkiError } from "../pki-error.ts";
import type { HashName } from "../rsa-signature.ts";
import { readDigestAlgorithm } from "./digest-algorithm.ts";
import { digestOids } from "./oids.ts";

/** SigningCertificateV2 (RFC 5035 3) that names one certificate by hash, issuer and serial number. */
export function signingCertificateV2(certificate: Certificate, hash: HashName): Buffer {
  // SHA-256 is the default, which DER leaves out.
  const algorithm = hash === "sha256" ? [] : [sequence(objectIdentifier(digestOids[hash]))];
  const issuerSerial = sequence(
    sequence(element(contextConstructed(4), certificate.issuer.der)),
    integer(certificate.serialNumber),
  );
  return sequence(sequence(sequence(...algorithm, octetString(digest(hash, certificate.der, "buffer")), issuerSerial)));
}

/**
 * Verifies that the first certificate that a SigningCertificateV2 names is this one. Throws `MALFORMED`, `WEAK_ALGORITHM`
 * or `SIGNING_CERTIFICATE_MISMATCH`. Further certificates and policies that it names are not looked at.
 */
export function verifySigningCertificateV2(der: Buffer, certificate: Certificate): void {
  const reader = new DerReader(der);
  const signingCertificate = reader.enter(tags.sequence);
  reader.finish();
  const certificates = signingCertificate.enter(tags.sequence);
  const first = certificates.enter(tags.sequence);
  // Some write the default of SHA-256 out all the same: OpenSSL did.
  const hash = first.tag === tags.sequence ? readDigestAlgorithm(first) : "sha256";
  const certificateHash = first.content(tags.octetString);
  const mismatch = new PkiError("SIGNING_CERTIFICATE_MISMATCH", "signed for another certificate");
  if (!first.done) {
    const issuerSerial = first.enter(tags.sequence);
    const names = issuerSerial.enter(tags.sequence);
    const directoryName = names.content(contextConstructed(4));
    names.finish();
    const serialNumber = issuerSerial.integer();
    issuerSerial.finish();
    if (!directoryName.equals(certificate.issuer.der) || !serialNumber.equals(certificate.serialNumber)) throw mismatch;
  }
  first.finish();
  if (!certificateHash.equals(digest(hash, certificate.der, "buffer"))) throw mismatch;
}
