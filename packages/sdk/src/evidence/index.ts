export { EvidenceError, type EvidenceErrorCode } from "./evidence-error.ts";
export { largestEvidenceFile, parseEvidenceFile } from "./parse-evidence-file.ts";
export type { EvidenceRecord } from "./records.ts";
export { readTrustDirectory } from "./trust-directory.ts";
export type { VerifiedCardSignature } from "./verify-card-signature.ts";
export type { VerifiedEnrolment } from "./verify-enrolment.ts";
export { type EvidenceTrust, type VerifiedEvidence, verifyEvidence } from "./verify-evidence.ts";
export type { ExistedBefore, LogTrust } from "./verify-log-proof.ts";
export type { VerifiedSignIn } from "./verify-sign-in.ts";
