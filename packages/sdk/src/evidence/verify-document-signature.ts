import { createHash, createPublicKey, verify } from "node:crypto";
import type { Certificate } from "@xid/pki";
import {
  type ApprovalStatement,
  checkToBeSigned,
  fromBase64url,
  ProtocolError,
  type ShownSigning,
  shownDocumentDigest,
  toBase64url,
} from "@xid/protocol";
import { EvidenceError } from "./evidence-error.ts";
import type { DocumentSignatureRecord, EnrolmentRecord } from "./records.ts";
import { verifyCertificate } from "./verify-certificate.ts";
import type { VerifiedEnrolment } from "./verify-enrolment.ts";
import { verifyApproved } from "./verify-sign-in.ts";

/** What the record of a document signature shows. */
export type VerifiedDocumentSignature = {
  /** Of the card behind the account. */
  certificate: Certificate;
  statusCheckedAt: Date;
  statement: ApprovalStatement;
  /** xID signing certificate of the device. */
  signingCertificate: Certificate;
  /** What was shown: layout and document. */
  signing: ShownSigning;
  /** SHA-256 of what a PDF or CMS signature is over; undefined for a JWS. */
  messageDigest: Uint8Array | undefined;
};

/**
 * Verifies that the device approved exactly what was shown, and that its signing key, which the card had signed for at the
 * enrolment, signed octets that commit to all of it, with a certificate that was valid.
 *
 * Not checked: the document, which is not in the record: its SHA-256 is in `signing`, and `messageDigest` is that of the signed
 * octets of a PDF; and whether the signing certificate was revoked, of which the document's own evidence tells.
 */
export function verifyDocumentSignature(
  record: DocumentSignatureRecord,
  enrolment: { record: EnrolmentRecord; verified: VerifiedEnrolment },
  trust: {
    cardAnchors: readonly Certificate[];
    signingAnchors: readonly Certificate[];
    lists: readonly Uint8Array[];
  },
): VerifiedDocumentSignature {
  const { path, statement, statusCheckedAt } = verifyApproved(record, enrolment, trust);
  const { shown, signing: given } = record;
  if (shown.kind !== "document_signature" || statement.kind !== "document_signature") {
    throw new EvidenceError("STATEMENT_MISMATCH", "no signature was asked for");
  }
  const { signing } = enrolment.verified.keys;
  const { toBeSigned, messageDigest } = committed(() => checkToBeSigned(shown, signing));
  const digest = toBase64url(createHash("sha256").update(toBeSigned).digest());
  if (statement.toBeSignedDigest !== digest || statement.documentDigest !== shownDocumentDigest(shown)) {
    throw new EvidenceError("STATEMENT_MISMATCH", "another document was approved");
  }
  const key = createPublicKey({ key: signing, format: "jwk" });
  if (!verify("sha256", toBeSigned, { key, dsaEncoding: "ieee-p1363" }, fromBase64url(given.signature))) {
    throw new EvidenceError("SIGNATURE_INVALID", "the device did not sign the document");
  }
  const certificate = Buffer.from(fromBase64url(shown.signing.certificate)).toString("base64");
  const certified = verifyCertificate(
    { certificate, issuers: given.authority },
    { anchors: trust.signingAnchors, time: new Date(record.time) },
  );
  return {
    certificate: path.certificate,
    statusCheckedAt,
    statement,
    signingCertificate: certified.certificate,
    signing: shown.signing,
    messageDigest,
  };
}

function committed<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof ProtocolError && cause.code === "SIGNING_MISMATCH")) throw cause;
    throw new EvidenceError("STATEMENT_MISMATCH", `what was signed is not what was shown: ${cause.message}`, { cause });
  }
}
