import { createHash, createPublicKey, verify } from "node:crypto";
import {
  type Certificate,
  jpkiPolicies,
  PkiError,
  parseCertificate,
  type VerifiedPath,
  verifyDigestSignature,
} from "@xid/pki";
import {
  ApprovalStatement,
  type AuthenticationLevel,
  approvalType,
  cardPresence,
  contentDigest,
  decodeJws,
  fromBase64url,
  toBase64url,
} from "@xid/protocol";
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
  /** What was done beyond an approval on the device: the certificate was asked about then, or the card itself signed. */
  level: AuthenticationLevel | undefined;
};

/** How long before a `fresh` sign-in the certificate may have been asked about, in milliseconds. */
const freshness = 120_000;

/**
 * Verifies that the device which a card signed for approved exactly what the record says was shown, while that card's
 * certificate, or a later one of the same account, was valid and good; or, where the record says that it had ended, that it
 * had. An identity refresh is verified in the same way: its certificate is the one that the card gave for it. Where
 * a sign-in wanted the card itself, that card signed for this one request, and its certificate was asked about then.
 */
export function verifySignIn(
  record: SignInRecord | IdentityRefreshRecord,
  enrolment: { record: EnrolmentRecord; verified: VerifiedEnrolment },
  trust: { cardAnchors: readonly Certificate[]; lists: readonly Uint8Array[] },
): VerifiedSignIn {
  const { path, statement, statusCheckedAt } = verifyApproved(record, enrolment, trust);
  const { level } = record.shown;
  if (level !== undefined && Date.parse(record.time) - statusCheckedAt.getTime() > freshness) {
    throw new EvidenceError("STATUS_UNPROVEN", "the certificate was not asked about at this sign-in");
  }
  if (record.kind === "sign_in") verifyPresence(record, statement, path);
  const changed = record.kind === "sign_in" ? (record.identityChanged ?? null) : null;
  if (level !== undefined && changed !== null) throw new EvidenceError("STATUS_UNPROVEN", "the certificate had ended");
  return { certificate: path.certificate, statusCheckedAt, statement, changed, level };
}

/** Whether the card was there, or was not wanted. */
function verifyPresence(record: SignInRecord, statement: ApprovalStatement, path: VerifiedPath): void {
  const { shown, cardSignature, origin } = record;
  const approved = statement.kind === "sign_in" ? statement.signatureDigest : undefined;
  if (shown.level !== "card") {
    if (approved === undefined) return;
    throw new EvidenceError("STATEMENT_MISMATCH", "a card signed that was not wanted");
  }
  const signature = fromBase64url(cardSignature ?? "");
  if (origin === undefined || approved !== toBase64url(createHash("sha256").update(signature).digest())) {
    throw new EvidenceError("STATEMENT_MISMATCH", "another signature of the card was approved, or none");
  }
  const digest = createHash("sha256").update(cardPresence(shown, origin)).digest();
  try {
    verifyDigestSignature({ certificate: path, digest, signature });
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw new EvidenceError("SIGNATURE_INVALID", "the card did not sign that it was there", { cause });
  }
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
