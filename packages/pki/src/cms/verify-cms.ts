import { hash as digest } from "node:crypto";
import type { Certificate } from "../certificate.ts";
import { DerReader } from "../der/reader.ts";
import { tags } from "../der/tags.ts";
import { PkiError } from "../pki-error.ts";
import type { HashName } from "../rsa-signature.ts";
import { verifyMaySign } from "../signature.ts";
import { singleValue } from "./attributes.ts";
import { verifyMessageSignature } from "./message-signature-algorithm.ts";
import { cmsOids } from "./oids.ts";
import { parseSignedData, type SignedData, type SignerInfo } from "./parse-signed-data.ts";
import { verifySigningCertificateV2 } from "./signing-certificate.ts";

export type CmsInput = {
  /** What a detached signature is over, or a function that hashes it; must not be given for an attached one. */
  content?: Uint8Array | ((hash: HashName) => Buffer);
  /** Where signers' certificates are looked for beside those in the signature. */
  certificates?: readonly Certificate[];
  /** The type that the content must have; data by default. */
  contentType?: string;
};

/** One whose signature over the content was verified. Whether the certificate is trusted, valid or revoked was not. */
export type CmsSigner = {
  readonly certificate: Certificate;
  readonly hash: HashName;
  /** What the signer said the time was: no proof. */
  readonly signingTime: Date | undefined;
  readonly signature: Buffer;
  /** Time-stamp tokens over `signature` (RFC 3161 appendix A), as received: for `verifyTimestamp`. */
  readonly timestamps: readonly Buffer[];
};

export type VerifiedCms = {
  /** Content of an attached signature. */
  readonly content: Buffer | undefined;
  readonly signers: readonly CmsSigner[];
  /** All certificates that came with it, unverified: for paths. */
  readonly certificates: readonly Certificate[];
  /** DER of CRLs that came with it, unverified. */
  readonly crls: readonly Buffer[];
};

/**
 * Verifies a CMS signature (RFC 5652 5.4, 5.6) as CAdES wants it (ETSI EN 319 122-1): content-type, message-digest and
 * signing-certificate-v2 are signed, and every signer's signature must verify. Throws what `parseSignedData` throws,
 * `PROFILE` (no signer, an attribute is missing, content where none or other is expected), `DIGEST_MISMATCH`, `NO_SIGNER_CERTIFICATE`,
 * `SIGNING_CERTIFICATE_MISMATCH`, `SIGNATURE_INVALID` or `KEY_USAGE`. Paths, revocation and time stamps are the caller's: `verifyPath`,
 * `verifyRevocationEvidence` and `verifyTimestamp`. Countersignatures and other unsigned attributes are not looked at.
 */
export function verifyCms(der: Uint8Array, input: CmsInput = {}): VerifiedCms {
  const signedData = parseSignedData(der);
  const { content, contentType, certificates, crls } = signedData;
  if (contentType !== (input.contentType ?? cmsOids.data)) {
    throw new PkiError("PROFILE", `content of type ${contentType}`);
  }
  if (signedData.signers.length === 0) throw new PkiError("PROFILE", "nobody signed");
  const digestOf = contentDigest(content, input.content);
  const candidates = [...certificates, ...(input.certificates ?? [])];
  const signers = signedData.signers.map((signer) => verifySigner(signedData, signer, digestOf, candidates));
  return { content, signers, certificates, crls };
}

function contentDigest(attached: Buffer | undefined, given: CmsInput["content"]): (hash: HashName) => Buffer {
  if ((attached === undefined) === (given === undefined)) {
    throw new PkiError(
      "PROFILE",
      attached ? "content beside an attached signature" : "a detached signature without content",
    );
  }
  if (typeof given === "function") return given;
  const content = attached ?? given!;
  const known = new Map<HashName, Buffer>();
  return (hash) => {
    const digested = known.get(hash) ?? digest(hash, content, "buffer");
    known.set(hash, digested);
    return digested;
  };
}

function verifySigner(
  { contentType }: SignedData,
  signer: SignerInfo,
  digestOf: (hash: HashName) => Buffer,
  candidates: readonly Certificate[],
): CmsSigner {
  const attributes = signer.signedAttributes;
  const certificate = candidates.find((candidate) => isSigner(candidate, signer));
  if (certificate === undefined) throw new PkiError("NO_SIGNER_CERTIFICATE", "the signer's certificate is not there");
  const type = required(singleValue(attributes, cmsOids.contentType), "content-type");
  const messageDigest = required(singleValue(attributes, cmsOids.messageDigest), "message-digest");
  const signingCertificate = required(singleValue(attributes, cmsOids.signingCertificateV2), "signing-certificate-v2");
  if (readWhole(type, (reader) => reader.oid()) !== contentType) {
    throw new PkiError("PROFILE", "the content was signed as one of another type");
  }
  if (
    !readWhole(messageDigest, (reader) => reader.content(tags.octetString)).equals(digestOf(signer.digestAlgorithm))
  ) {
    throw new PkiError("DIGEST_MISMATCH", "another content was signed");
  }
  verifySigningCertificateV2(signingCertificate, certificate);
  verifyMaySign(certificate);
  verifyMessageSignature(certificate, signer.signatureAlgorithm, signer.signed, signer.signature);
  const time = singleValue(attributes, cmsOids.signingTime);
  return {
    certificate,
    hash: signer.digestAlgorithm,
    signingTime: time && new Date(readWhole(time, (reader) => reader.time())),
    signature: signer.signature,
    timestamps: signer.unsignedAttributes.get(cmsOids.signatureTimestamp) ?? [],
  };
}

function isSigner(candidate: Certificate, { signer }: SignerInfo): boolean {
  if ("keyIdentifier" in signer) {
    return candidate.extensions.subjectKeyIdentifier?.equals(signer.keyIdentifier) === true;
  }
  return candidate.serialNumber.equals(signer.serialNumber) && candidate.issuer.equals(signer.issuer);
}

function required(value: Buffer | undefined, name: string): Buffer {
  if (value === undefined) throw new PkiError("PROFILE", `${name} is not signed`);
  return value;
}

function readWhole<T>(der: Buffer, read: (reader: DerReader) => T): T {
  const reader = new DerReader(der);
  const value = read(reader);
  reader.finish();
  return value;
}
