import { createPublicKey, verify } from "node:crypto";
import { type Certificate, jpkiPolicies, type VerifiedPath } from "@xid/pki";
import { ApprovalStatement, approvalType, contentDigest, decodeJws } from "@xid/protocol";
import { EvidenceError } from "./evidence-error.ts";
import type { CardSignatureRecord, EnrolmentRecord, MyNumberRecord, SignInRecord } from "./records.ts";
import { verifyCertificate, verifyStatus } from "./verify-certificate.ts";
import type { VerifiedEnrolment } from "./verify-enrolment.ts";

/** What a sign-in's record shows. */
export type VerifiedSignIn = {
  certificate: Certificate;
  statusCheckedAt: Date;
  statement: ApprovalStatement;
};

/**
 * Verifies that the device which a card signed for approved exactly what the record says was shown, while that card's
 * certificate, or a later one of the same account, was valid and good.
 */
export function verifySignIn(
  record: SignInRecord,
  enrolment: { record: EnrolmentRecord; verified: VerifiedEnrolment },
  trust: { cardAnchors: readonly Certificate[]; lists: readonly Uint8Array[] },
): VerifiedSignIn {
  const { path, ...approved } = verifyApproved(record, enrolment, trust);
  return { certificate: path.certificate, ...approved };
}

/** What the records of all approvals have in common. */
export function verifyApproved(
  record: SignInRecord | CardSignatureRecord | MyNumberRecord,
  enrolment: { record: EnrolmentRecord; verified: VerifiedEnrolment },
  { cardAnchors, lists }: { cardAnchors: readonly Certificate[]; lists: readonly Uint8Array[] },
): { path: VerifiedPath; statusCheckedAt: Date; statement: ApprovalStatement } {
  requireSameDevice(record, enrolment);
  const statement = verifyApproval(record);
  const { shown, consent } = record;
  const mismatch = (what: string) => new EvidenceError("STATEMENT_MISMATCH", what);
  if (statement.kind !== record.kind || shown.kind !== record.kind) throw mismatch("the approval is of another kind");
  if (statement.displayDigest !== contentDigest(shown)) throw mismatch("something else was shown");
  if (statement.requestId !== record.requestId || shown.requestId !== record.requestId) {
    throw mismatch("the approval is of another request");
  }
  if (statement.clientId !== record.clientId || shown.client.clientId !== record.clientId) {
    throw mismatch("the approval is for another service");
  }
  const offered = new Set(shown.items.map(({ name }) => name));
  if (statement.items.join() !== consent.items.join() || statement.items.some((name) => !offered.has(name))) {
    throw mismatch("other items were approved");
  }
  const time = new Date(record.time);
  const path = verifyCertificate(record.certificate, {
    anchors: cardAnchors,
    time,
    policies: [jpkiPolicies.signature],
  });
  return { path, statusCheckedAt: verifyStatus(path, record.certificateStatus, { act: time, lists }), statement };
}

function requireSameDevice(
  record: SignInRecord | CardSignatureRecord | MyNumberRecord,
  enrolment: { record: EnrolmentRecord; verified: VerifiedEnrolment },
): void {
  const { kty, crv, x, y } = record.deviceKey;
  const enrolled = enrolment.verified.keys.authentication;
  const isSame =
    enrolment.record.accountId === record.accountId &&
    enrolment.record.device.deviceId === record.deviceId &&
    [kty, crv, x, y].join() === [enrolled.kty, enrolled.crv, enrolled.x, enrolled.y].join();
  if (!isSame) throw new EvidenceError("DEVICE_UNPROVEN", "the enrolment is of another device");
  if (enrolment.record.time > record.time) {
    throw new EvidenceError("DEVICE_UNPROVEN", "the device was enrolled after it decided");
  }
}

function verifyApproval({
  approval,
  accountId,
  deviceId,
  deviceKey,
}: SignInRecord | CardSignatureRecord | MyNumberRecord): ApprovalStatement {
  const { header, payload, signingInput, signature } = decodeJws(approval);
  const key = createPublicKey({ key: deviceKey, format: "jwk" });
  if (!verify("sha256", signingInput, { key, dsaEncoding: "ieee-p1363" }, signature)) {
    throw new EvidenceError("SIGNATURE_INVALID", "the device did not sign the approval");
  }
  const parsed = ApprovalStatement.safeParse(payload);
  if (header.typ !== approvalType || header.kid !== `${accountId}.${deviceId}` || !parsed.success) {
    throw new EvidenceError("STATEMENT_MISMATCH", "what the device signed is not an approval");
  }
  return parsed.data;
}
