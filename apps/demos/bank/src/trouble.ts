import type { XidError, XidErrorCode } from "@xid/sdk/server";

/** Why a page can't be what was asked for; each has its own text and way on. */
export type Trouble =
  | "declined"
  | "expired"
  | "wrong-browser"
  | "not-a-customer"
  | "items-missing"
  | "unavailable"
  | "failed"
  | "not-found";

const fromXid: Record<XidErrorCode, Trouble> = {
  ACCESS_DENIED: "declined",
  WRONG_BROWSER: "wrong-browser",
  STATE_MISMATCH: "wrong-browser",
  ISSUER_MISMATCH: "failed",
  EXPIRED: "expired",
  CLAIMS_MISSING: "items-missing",
  RESPONSE_INVALID: "failed",
  DOCUMENT_INVALID: "failed",
  ENVELOPE_INVALID: "failed",
  HOLDER_MISMATCH: "failed",
  CREDENTIAL_INVALID: "failed",
  HAND_OVER_MISMATCH: "failed",
  RECORD_INVALID: "failed",
  OTHER_PERSON: "failed",
  PROVIDER_ERROR: "failed",
  API_REFUSED: "failed",
  WEBHOOK_INVALID: "failed",
  UNREACHABLE: "unavailable",
  NOT_REGISTERED: "unavailable",
  NOT_LINKED: "failed",
  ASSURANCE_UNMET: "failed",
  ANNOUNCEMENT_UNTRUSTED: "failed",
  LOGOUT_TOKEN_INVALID: "failed",
  STORE_UNUSABLE: "unavailable",
};

export function troubleOf(error: XidError): Trouble {
  return fromXid[error.code];
}
