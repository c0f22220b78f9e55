export type RequestErrorCode =
  | "NOT_FOUND"
  /** The state machine has no such step from where the request is. */
  | "WRONG_STATE"
  | "EXPIRED"
  /** The return secret is not the one of this request: another browser, or a guess. */
  | "WRONG_SECRET"
  /** The id was used before for another client or another question. */
  | "ID_TAKEN"
  /** The proximity code is missing, too old or wrong. */
  | "WRONG_CODE"
  /** So many wrong codes that the request was ended. */
  | "TOO_MANY_CODES"
  /** Another device has opened the request, or this one never did. */
  | "OTHER_DEVICE"
  /** The relying party wants one person, and this is somebody else. */
  | "OTHER_ACCOUNT"
  /** The approval's signature does not hold, or it is not by this device's key. */
  | "APPROVAL_INVALID"
  /** The approval was made too long ago, or in the future. */
  | "APPROVAL_STALE"
  /** The digest in the approval is not that of what the device was shown. */
  | "DISPLAY_MISMATCH"
  /** Not every required item, or one that was not asked for. */
  | "ITEMS_MISMATCH"
  /** What came along with a My Number is not the envelope that the approval names, or not one for this relying party. */
  | "ENVELOPE_INVALID"
  /** What came along, such as the card's signature, is not what the approval names, or nobody asked for it. */
  | "GIVEN_MISMATCH"
  /** The person whom it would be addressed to is not linked with this client. */
  | "NOT_LINKED"
  /** The person takes no requests of this client that they have not begun. */
  | "BLOCKED"
  /** More requests of this client than a person need put up with. */
  | "TOO_MANY"
  /** The device's key did not sign what was shown. */
  | "SIGNATURE_INVALID"
  /** The device's signing certificate is revoked or at its end: reading the card again gives a new one. */
  | "SIGNING_CERTIFICATE_UNUSABLE"
  /** What is asked for is to read the card, and that has not been done since. */
  | "CARD_NOT_READ"
  /** The client takes nobody of whom something has changed: the request has ended. */
  | "IDENTITY_CHANGED"
  | "CERTIFICATE_REVOKED"
  | "CERTIFICATE_EXPIRED"
  /** Nobody could say whether the certificate behind the account is still valid. */
  | "STATUS_UNAVAILABLE";

/** Why the request engine refused. No personal data, no secrets in the message. */
export class RequestError extends Error {
  readonly code: RequestErrorCode;

  constructor(code: RequestErrorCode, message: string = code, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "RequestError";
    this.code = code;
  }
}
