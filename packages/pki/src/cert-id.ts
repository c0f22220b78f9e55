import { hash } from "node:crypto";
import type { Certificate } from "./certificate.ts";
import type { DerReader } from "./der/reader.ts";
import { tags } from "./der/tags.ts";
import { PkiError } from "./pki-error.ts";

/** Hash algorithms of CertID. It only names an issuer; SHA-1 is what every responder knows (RFC 5019 2.1.1). */
export const certIdHashes = { "1.3.14.3.2.26": "sha1", "2.16.840.1.101.3.4.2.1": "sha256" } as const;

/** By what OCSP names a certificate (RFC 6960 4.1.1). */
export type CertId = {
  readonly hashAlgorithm: string;
  readonly issuerNameHash: Buffer;
  readonly issuerKeyHash: Buffer;
  /** INTEGER content. */
  readonly serialNumber: Buffer;
};

export function readCertId(reader: DerReader): CertId {
  const certId = reader.enter(tags.sequence);
  const algorithm = certId.enter(tags.sequence);
  const hashAlgorithm = algorithm.oid();
  if (!algorithm.done && algorithm.content(tags.null).length !== 0) {
    throw new PkiError("MALFORMED", "NULL with content");
  }
  algorithm.finish();
  const issuerNameHash = certId.content(tags.octetString);
  const issuerKeyHash = certId.content(tags.octetString);
  const serialNumber = certId.integer();
  certId.finish();
  return { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber };
}

/** Hashes of the issuer's name and key by which OCSP names it (RFC 6960 4.1.1). */
export function issuerHashes(
  algorithm: (typeof certIdHashes)[keyof typeof certIdHashes],
  issuer: Certificate,
): { name: Buffer; key: Buffer } {
  return {
    name: hash(algorithm, issuer.subject.der, "buffer"),
    key: hash(algorithm, issuer.publicKeyInfo.key, "buffer"),
  };
}

/** Whether a CertID names this CA as issuer. One with a hash other than SHA-1 and SHA-256 names nobody. */
export function namesAsIssuer({ hashAlgorithm, issuerNameHash, issuerKeyHash }: CertId, issuer: Certificate): boolean {
  if (!Object.hasOwn(certIdHashes, hashAlgorithm)) return false;
  const hashes = issuerHashes(certIdHashes[hashAlgorithm as keyof typeof certIdHashes], issuer);
  return issuerNameHash.equals(hashes.name) && issuerKeyHash.equals(hashes.key);
}
