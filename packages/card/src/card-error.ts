export type CardErrorCode =
  /** The card compared and refused; `remaining` tries are left. */
  | "PIN_WRONG"
  /** No tries are left: only the city office, or a kiosk, can set a new one. */
  | "PIN_BLOCKED"
  /** Not a value that this PIN can have; nothing was sent to the card. */
  | "PIN_FORMAT"
  /** One try is left, and the caller has not said that it may be used; nothing was tried. */
  | "LAST_TRY"
  /** No card is in the reader, or none that answers. */
  | "CARD_ABSENT"
  /** The card left the reader. */
  | "CARD_LOST"
  | "NOT_A_MY_NUMBER_CARD"
  /** The card was issued without this certificate (for a child, without the signature certificate). */
  | "CERTIFICATE_ABSENT"
  /** The PIN that this needs has not been verified in this session. */
  | "SECURITY_STATUS"
  | "FILE_NOT_FOUND"
  | "READER_UNAVAILABLE"
  /** The card answered with a status word that has no meaning for this command; see `statusWord`. */
  | "UNEXPECTED_STATUS"
  /** What the card or the reader answered is not in the form it should have. */
  | "MALFORMED_RESPONSE"
  /** The card ended the secure-messaging session, or never began it: nothing more goes through it. */
  | "SECURE_MESSAGING"
  /** No given issuer key has signed the card-verifiable certificate. */
  | "ISSUER_UNKNOWN"
  /** A signature or digest does not belong to the data beside it. */
  | "NOT_AUTHENTIC";

/** The one error of this package. Its message never holds a PIN or anything read from the card. */
export class CardError extends Error {
  readonly code: CardErrorCode;
  /** Tries left, with `PIN_WRONG`, `PIN_BLOCKED` and `LAST_TRY`. */
  readonly remaining?: number;
  /** SW1 SW2 as one number, where the card's answer is the reason. */
  readonly statusWord?: number;

  constructor(
    code: CardErrorCode,
    message: string,
    details: { remaining?: number; statusWord?: number; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = "CardError";
    this.code = code;
    if (details.remaining !== undefined) this.remaining = details.remaining;
    if (details.statusWord !== undefined) this.statusWord = details.statusWord;
  }
}
