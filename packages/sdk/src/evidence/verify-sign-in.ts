import { createPublicKey, verify } from "node:crypto";
import { type Certificate, jpkiPolicies, parseCertificate, type VerifiedPath } from "@xid/pki";
import { ApprovalStatement, approvalType, contentDigest, decodeJws } from "@xid/protocol";
import { EvidenceError } from "./evidence-error.ts";
import type { ActRecord, EnrolmentRecord, IdentityRefreshRecord, SignInRecord } from "./records.ts";
import { verifyCertificate, verifyStatus } from "./verify-certificate.ts";
import type { VerifiedEnrolment } from "./verify-enrolment.ts";

/** What a sign-in's record shows. */
export type VerifiedSignIn = {
  certificate: Certificate;
  statusCheckedAt: Date;
  statement: ApprovalStatement;
  /** Why the certificate had ended, where the service went on all the same; null where it was valid and good. */
  changed: NonNullable<SignInRecord["identityChanged"]> | null;
};

/**
 * Verifies that the device which a card signed for approved exactly what the record says was shown, while that card's
 * certificate, or a later one of the same account, was valid and good; or, where the record says that it had ended, that it
 * had. An identity refresh is verified in the same way: its certificate is the one that the card gave for it.
 */
export function verifySignIn(
  record: SignInRecord | IdentityRefreshRecord,
  enrolment: { record: EnrolmentRecord; verified: VerifiedEnrolment },
  trust: { cardAnchors: readonly Certificate[]; lists: readonly Uint8Array[] },
): VerifiedSignIn {
  const { path, ...approved } = verifyApproved(record, enrolment, trust);
  const changed = record.kind === "sign_in" ? (record.identityChanged ?? null) : null;
  return { certificate: path.certificate, ...approved, changed };
}

/** What the records of all approvals have in common. */
export function verifyApproved(
  record: ActRecord,
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
  const act = new Date(record.time);
  const changed = record.kind === "sign_in" ? record.identityChanged : undefined;
  const { notAfter } = parseCertificate(Buffer.from(record.certificate.certificate, "base64"));
  if (changed === "expired" && act <= notAfter) throw new EvidenceError("STATUS_UNPROVEN", "it had not expired");
  const path = verifyCertificate(record.certificate, {
    anchors: cardAnchors,
    time: changed === "expired" ? notAfter : act,
    policies: [jpkiPolicies.signature],
  });
  if (changed === "expired") return { path, statusCheckedAt: new Date(record.certificateStatus.checkedAt), statement };
  const expected = changed === undefined ? "good" : "revoked";
  const statusCheckedAt = verifyStatus(path, record.certificateStatus, { act, lists, expected });
  return { path, statusCheckedAt, statement };
}

function requireSameDevice(
  record: ActRecord,
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

function verifyApproval({ approval, accountId, deviceId, deviceKey }: ActRecord): ApprovalStatement {
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
