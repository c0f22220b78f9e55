export type SandboxErrorCode =
  /** Not in the form that the interface gives it. */
  | "MALFORMED"
  | "TOO_LARGE"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "NOT_FOUND"
  | "PERSON_NOT_FOUND"
  | "PERSONA_UNKNOWN"
  | "ID_TAKEN"
  | "NAME_UNSUITABLE"
  | "BIRTHDATE_UNSUITABLE"
  /** The address doesn't begin with a municipality that the simulation knows. */
  | "ADDRESS_UNSUITABLE"
  /** A move to where the resident lives already. */
  | "SAME_ADDRESS"
  | "NOTHING_TO_REVOKE"
  /** The register says so already. */
  | "NOTHING_CHANGES"
  | "RESIDENT_DECEASED"
  | "RESIDENT_ABROAD"
  | "NOT_ABROAD"
  /** Too young for it. */
  | "AGE_UNSUITABLE"
  | "CARD_ABSENT"
  | "CARD_PRESENT"
  | "CARD_SUSPENDED"
  | "CARD_NOT_LOST"
  /** Given up, stolen or returned: only a new card helps. */
  | "CARD_VOID"
  | "CARD_EXPIRED"
  | "PHONE_ABSENT"
  | "PHONE_PRESENT"
  /** A phone is applied for with the card's signature. */
  | "SIGNATURE_NOT_VALID"
  /** Renewal begins three months before the end. */
  | "TOO_EARLY"
  /** Only a new resident's events are in the past. */
  | "DATE_UNSUITABLE"
  | "EVENT_NOT_FOUND"
  /** It has happened, or was cancelled. */
  | "EVENT_NOT_PENDING"
  /** A child has no signature certificate. */
  | "UNDER_SIGNATURE_AGE"
  /** A signature certificate is issued beside a valid authentication certificate only. */
  | "AUTHENTICATION_NOT_VALID"
  /** The clock of the sandbox never goes back. */
  | "CLOCK_BACKWARDS"
  | "CLOCK_TOO_FAR"
  | "TOWN_EXISTS"
  /** The simulation holds as many as it is made for. */
  | "FULL"
  | "ORIGIN_REFUSED"
  /** The card is not in the reader any more, or the session is over. */
  | "CARD_LOST"
  | "UNAUTHORIZED"
  | "VERIFIER_NOT_FOUND"
  /** More calls than the interface takes; a second later it takes more. */
  | "TOO_MANY_REQUESTS"
  /** Not canonical JSON in the form that its kind of document has. */
  | "DOCUMENT_MALFORMED"
  /** Signed too long ago, in the future, or before what is in force now. */
  | "DOCUMENT_STALE"
  /** None that was issued here to a resident. */
  | "CERTIFICATE_UNKNOWN"
  /** A signature by the other key of the person is needed. */
  | "CERTIFICATE_WRONG_KIND"
  | "CERTIFICATE_REVOKED"
  | "CERTIFICATE_EXPIRED"
  | "SIGNATURE_INVALID"
  /** The person consented that another verifier may ask. */
  | "OTHER_VERIFIER"
  /** The verifier has no such consent. */
  | "CONSENT_UNKNOWN"
  | "CONSENT_WITHDRAWN"
  /** The person has given a newer one for the same service. */
  | "CONSENT_REPLACED"
  | "CONSENT_EXPIRED"
  | "ITEM_NOT_CONSENTED"
  /** Nothing is provided until the person has a valid signature certificate again. */
  | "NO_SIGNATURE_CERTIFICATE"
  /** Down, because a fault says so. */
  | "UNAVAILABLE"
  | "SERIAL_UNKNOWN"
  | "INTERNAL";

/** The one error of the sandbox. The message is for developers and never holds a password, a My Number or a token. */
export class SandboxError extends Error {
  readonly code: SandboxErrorCode;

  constructor(code: SandboxErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "SandboxError";
    this.code = code;
  }
}
