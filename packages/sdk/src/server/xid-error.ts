import type { Problem } from "@xid/protocol";

export type XidErrorCode =
  /**
   * The person declined, cancelled, or let the request run out. Not a fault: offer the way back. From `requestApproval`:
   * they take no more requests of this service, at all or for now.
   */
  | "ACCESS_DENIED"
  /** No transaction, or not one of ours: the callback was opened in another browser, or twice. */
  | "WRONG_BROWSER"
  /** The callback belongs to another transaction than the one in this session. */
  | "STATE_MISMATCH"
  /** The callback comes from another provider than the one that was asked (RFC 9207). */
  | "ISSUER_MISMATCH"
  /** It took longer than allowed, or the code was already used. Start again. */
  | "EXPIRED"
  /** Not the envelope that the person approved, or none that our keys open. */
  | "ENVELOPE_INVALID"
  /** What is inside was not signed by the key that the approval or the credential names, or for somebody or something else. */
  | "HOLDER_MISMATCH"
  /** The issuer did not sign a credential with these claims, or it is not valid now. */
  | "CREDENTIAL_INVALID"
  /** Made for another relying party, request, purpose or time. */
  | "HAND_OVER_MISMATCH"
  /** No trusted card issuer signed number and attributes as they are, or the check digit does not fit. */
  | "RECORD_INVALID"
  /** The card is not the one of the person who approved. */
  | "OTHER_PERSON"
  /** A PDF whose signatures do not all pass, or that was changed since: see `subIndication`. */
  | "DOCUMENT_INVALID"
  /** A required item was not given: see `missing`. */
  | "CLAIMS_MISSING"
  /** An answer of the provider is not what the specifications allow: nonce, signature, audience, form. */
  | "RESPONSE_INVALID"
  /** The person of `requestApproval` is not linked with this client, or not any more: they have to sign in first. */
  | "NOT_LINKED"
  /** What was done is less than `start` wanted: another level (`acr`), too long ago, or another person. */
  | "ASSURANCE_UNMET"
  /** An announcement does not come from the provider. */
  | "ANNOUNCEMENT_UNTRUSTED"
  /** The provider refused with an OAuth error: see `oauthError`. */
  | "PROVIDER_ERROR"
  /** The API refused a call: see `problem`. */
  | "API_REFUSED"
  /** Not a webhook or security event token of xID, not for us, or not sent now. Answer 400 and do nothing. */
  | "WEBHOOK_INVALID"
  /** No answer from the provider, or it is out of order. Try again later. */
  | "UNREACHABLE"
  /** The provider takes no registrations: register by hand and give `clientId`. */
  | "NOT_REGISTERED"
  /** A logout token that is not the provider's, not for this client, or too old. */
  | "LOGOUT_TOKEN_INVALID"
  /** The store gave back something that this SDK did not write. */
  | "STORE_UNUSABLE";

/** Everything that `start`, `finish` and `userInfo` throw. The message is for a log: it holds no personal data. */
export class XidError extends Error {
  readonly code: XidErrorCode;
  /** RFC 6749 error name, for PROVIDER_ERROR and ACCESS_DENIED. */
  readonly oauthError: string | undefined;
  /** Names of the required items that did not come, for CLAIMS_MISSING. */
  readonly missing: readonly string[];
  /** For API_REFUSED: its code, who can mend it, what to show to the resident. */
  readonly problem: Problem | undefined;
  /** For DOCUMENT_INVALID, in the words of ETSI EN 319 102-1. */
  readonly subIndication: string | undefined;

  constructor(
    code: XidErrorCode,
    message: string,
    options: {
      cause?: unknown;
      oauthError?: string;
      missing?: readonly string[];
      problem?: Problem;
      subIndication?: string;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "XidError";
    this.code = code;
    this.oauthError = options.oauthError;
    this.missing = options.missing ?? [];
    this.problem = options.problem;
    this.subIndication = options.subIndication;
  }
}
