import type { Certificate } from "@xid/pki";
import type { ApprovalStatement, MyNumberPurpose } from "@xid/protocol";
import { EvidenceError } from "./evidence-error.ts";
import type { EnrolmentRecord, MyNumberRecord } from "./records.ts";
import type { VerifiedEnrolment } from "./verify-enrolment.ts";
import { verifyApproved } from "./verify-sign-in.ts";

/** What the record of a hand-over shows: nothing of the number is in it. */
export type VerifiedMyNumber = {
  certificate: Certificate;
  statusCheckedAt: Date;
  statement: ApprovalStatement;
  purpose: MyNumberPurpose;
  lawVersion: string;
  /** SHA-256 of the envelope, in base64url. */
  envelopeDigest: string;
  /** RFC 7638 thumbprint of the key that signed inside it. */
  holderKey: string;
};

/**
 * Verifies that the device which a card signed for approved handing over exactly this envelope, for the purpose and to the
 * relying party's key that were shown.
 *
 * Not checked: what is in the envelope, which only the relying party can open.
 */
export function verifyMyNumber(
  record: MyNumberRecord,
  enrolment: { record: EnrolmentRecord; verified: VerifiedEnrolment },
  trust: { cardAnchors: readonly Certificate[]; lists: readonly Uint8Array[] },
): VerifiedMyNumber {
  const { path, statement, statusCheckedAt } = verifyApproved(record, enrolment, trust);
  const { shown } = record;
  if (shown.kind !== "my_number" || statement.kind !== "my_number") {
    throw new EvidenceError("STATEMENT_MISMATCH", "no My Number was asked for");
  }
  const { purpose, lawVersion } = shown.handOver;
  const { envelopeDigest, holderKey } = statement;
  return { certificate: path.certificate, statusCheckedAt, statement, purpose, lawVersion, envelopeDigest, holderKey };
}
