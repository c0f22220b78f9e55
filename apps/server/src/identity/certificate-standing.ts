import type { Platform } from "../platform.ts";
import type { ProvenCertificate } from "./account-state.ts";
import { keepRevocationList } from "./revocation-list.ts";
import { certificateContext, parseStoredCertificate, type StoredStatus, toStoredStatus } from "./stored-certificate.ts";

/** Whether the certificate behind an account still stands, with what that rests on: the last answer of all. */
export type CertificateStanding = { status: "good" | "revoked" | "expired"; evidence: StoredStatus };

/**
 * Asks again when the last answer is older than `config.statusMaxAge`, or `fresh` is wanted, and keeps the new one. What
 * was revoked stays revoked without asking. Throws `JpkiError("STATUS_UNAVAILABLE")`: unknown is not good.
 */
export async function checkCertificateStanding(
  platform: Pick<Platform, "config" | "database" | "sealer" | "jpki">,
  certificate: ProvenCertificate,
  { fresh = false }: { fresh?: boolean } = {},
): Promise<CertificateStanding> {
  const now = await platform.jpki.now();
  const { statusEvidence } = certificate;
  if (certificate.status === "revoked") return { status: "revoked", evidence: statusEvidence };
  if (now > certificate.notAfter.getTime()) return { status: "expired", evidence: statusEvidence };
  const age = now - certificate.statusCheckedAt.getTime();
  // An answer from the future is from before the clock was set back, or from a simulated world that is gone.
  if (!fresh && age >= 0 && age <= platform.config.statusMaxAge * 1000) {
    return { status: "good", evidence: statusEvidence };
  }

  const parsed = parseStoredCertificate(certificate.stored);
  const answer = await platform.jpki.checkSignatureStatus(parsed.certificate, parsed.issuer);
  const checkedAt = new Date(now);
  const evidence = toStoredStatus(answer, checkedAt);
  await keepRevocationList(platform.database, answer, checkedAt);
  const { accountId, serialLookup } = certificate;
  await platform.database
    .updateTable("certificates")
    .set({
      status: answer.status.status,
      status_checked_at: checkedAt,
      status_evidence_sealed: platform.sealer.seal(
        certificateContext("status_evidence_sealed", accountId, serialLookup),
        JSON.stringify(evidence),
      ),
    })
    .where("account_id", "=", accountId)
    .where("serial_lookup", "=", serialLookup)
    .where("status", "=", "good")
    .execute();
  return { status: answer.status.status, evidence };
}
