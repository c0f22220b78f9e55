export type IdentityErrorCode =
  /** No such enrolment, or it was begun with another key. */
  | "NOT_FOUND"
  | "ENROLMENT_EXPIRED"
  /** The challenge was used for another completion. */
  | "ENROLMENT_USED"
  /** A signed statement is not in its form, or not about this enrolment, platform and device. */
  | "STATEMENT_MISMATCH"
  /** A statement was made too long before, or its clock is wrong. */
  | "STATEMENT_STALE"
  /** The card's signature over a statement does not hold. */
  | "CARD_SIGNATURE_INVALID"
  /** The device does not hold the signing key that the card vouched for. */
  | "KEY_POSSESSION_INVALID"
  /** Not a certificate, or one that breaks the JPKI profile. */
  | "CERTIFICATE_MALFORMED"
  /** A certificate for something else: of the card's two only the signature certificate enrols. */
  | "CERTIFICATE_WRONG_KIND"
  /** No trusted authority issued it. */
  | "CERTIFICATE_UNTRUSTED"
  | "CERTIFICATE_EXPIRED"
  | "CERTIFICATE_REVOKED"
  | "STATUS_UNAVAILABLE"
  | "JLIS_UNAVAILABLE"
  /** The certificates of one person lead to different accounts. */
  | "ACCOUNT_CONFLICT"
  /** The card is not that of the person who enrolled this device. */
  | "OTHER_PERSON";

/** Why an enrolment was refused. No personal data in the message. */
export class IdentityError extends Error {
  readonly code: IdentityErrorCode;

  constructor(code: IdentityErrorCode, message: string = code, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "IdentityError";
    this.code = code;
  }
}
