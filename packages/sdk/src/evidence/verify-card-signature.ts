import { createHash } from "node:crypto";
import { type Certificate, PkiError, verifyDigestSignature } from "@xid/pki";
import { type ApprovalStatement, digestToSign, fromBase64url, type ShownDocument, toBase64url } from "@xid/protocol";
import { EvidenceError } from "./evidence-error.ts";
import type { CardSignatureRecord, EnrolmentRecord } from "./records.ts";
import type { VerifiedEnrolment } from "./verify-enrolment.ts";
import { verifyApproved } from "./verify-sign-in.ts";

/** What the record of a card signature shows. */
export type VerifiedCardSignature = {
  /** Of the card that signed. */
  certificate: Certificate;
  statusCheckedAt: Date;
  statement: ApprovalStatement;
  document: ShownDocument;
  /** RSASSA-PKCS1-v1_5 over the document's SHA-256. */
  signature: Uint8Array;
};

/**
 * Verifies that the device approved exactly what was shown, together with this very signature of a card, and that the card
 * signed the document that was shown, with a certificate that was valid and good.
 *
 * Not checked: that card and account are the same person's, for which there are the platform's word and the names in the
 * two certificates.
 */
export function verifyCardSignature(
  record: CardSignatureRecord,
  enrolment: { record: EnrolmentRecord; verified: VerifiedEnrolment },
  trust: { cardAnchors: readonly Certificate[]; lists: readonly Uint8Array[] },
): VerifiedCardSignature {
  const { path, statement, statusCheckedAt } = verifyApproved(record, enrolment, trust);
  if (record.shown.kind !== "card_signature" || statement.kind !== "card_signature") {
    throw new EvidenceError("STATEMENT_MISMATCH", "no signature was asked for");
  }
  const { document } = record.shown.signature;
  const signature = fromBase64url(record.cardSignature);
  if (statement.signatureDigest !== toBase64url(createHash("sha256").update(signature).digest())) {
    throw new EvidenceError("STATEMENT_MISMATCH", "another signature was approved");
  }
  try {
    verifyDigestSignature({ certificate: path, digest: digestToSign(document), signature });
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw new EvidenceError("SIGNATURE_INVALID", "the card did not sign the document", { cause });
  }
  return { certificate: path.certificate, statusCheckedAt, statement, document, signature };
}
