export type EvidenceErrorCode =
  /** Not an evidence file of this version. */
  | "MALFORMED"
  /** The record waits for the log: fetch the evidence again later. */
  | "NOT_LOGGED"
  /** The record, or its salt, is not what the log holds. */
  | "LOG_PROOF_INVALID"
  /** Nobody has stamped the checkpoint yet, and the trust names who must: fetch the evidence again later. */
  | "NOT_STAMPED"
  /** The time stamp is not over this checkpoint, not by a trusted authority, or of before the act. */
  | "TIMESTAMP_INVALID"
  /** No checkpoint that the trusted log, and enough witnesses, have signed. */
  | "CHECKPOINT_UNTRUSTED"
  /** A certificate does not lead to a trusted authority, or was not valid at the time. */
  | "CERTIFICATE_UNTRUSTED"
  /** Nothing shows that the certificate was good at the time. */
  | "STATUS_UNPROVEN"
  | "SIGNATURE_INVALID"
  /** What was signed is not what the record says. */
  | "STATEMENT_MISMATCH"
  /** Nothing shows whose device it was that decided. */
  | "DEVICE_UNPROVEN";

/** Everything that `verifyEvidence` throws. The message holds no personal data. */
export class EvidenceError extends Error {
  readonly code: EvidenceErrorCode;

  constructor(code: EvidenceErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "EvidenceError";
    this.code = code;
  }
}
