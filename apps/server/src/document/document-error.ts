export type DocumentErrorCode =
  | "NOT_FOUND"
  /** Not a PDF, or one that no strict reader takes. */
  | "MALFORMED"
  /** A PDF of a kind that is not signed here: encrypted, or beyond all measure. */
  | "UNSUPPORTED"
  /** Certified against any change, or with a signature that is broken already. */
  | "NOT_SIGNABLE"
  /** Somebody has signed, so who signs and where is settled. */
  | "SIGNED"
  /** A seal that lies on no page, or on another one. */
  | "SEAL_MISPLACED"
  /** There is no such signer, or that one has signed. */
  | "NO_SUCH_SIGNER"
  /** Somebody else signs first. */
  | "NOT_YET"
  /** The place is another person's. */
  | "OTHER_SIGNER"
  /** Another one has signed since it was shown: open the request again. */
  | "CHANGED"
  /** The client keeps more than it may. */
  | "TOO_MUCH"
  /** So many documents are worked on that this one would not even wait. */
  | "BUSY"
  /** Nobody is there to stamp: of the levels only B-B can be had. */
  | "LEVEL_UNAVAILABLE"
  /** The time-stamping authority does not answer. */
  | "TIMESTAMP_UNAVAILABLE";

/** Why a document is not taken, given out or signed. No content, no names in the message. */
export class DocumentError extends Error {
  readonly code: DocumentErrorCode;

  constructor(code: DocumentErrorCode, message: string = code, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "DocumentError";
    this.code = code;
  }
}
