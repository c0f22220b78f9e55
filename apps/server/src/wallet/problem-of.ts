import { DocumentError } from "../document/document-error.ts";
import { documentProblem } from "../http/document-problem.ts";
import { ApiProblem, type ApiProblemCode } from "../http/problem.ts";
import { IdentityError, type IdentityErrorCode } from "../identity/identity-error.ts";
import { JpkiError } from "../jpki/jpki-error.ts";
import { RequestError, type RequestErrorCode } from "../request/request-error.ts";

/** What an app is told when an enrolment is refused. */
const ofIdentity: Record<IdentityErrorCode, ApiProblemCode> = {
  NOT_FOUND: "NOT_FOUND",
  ENROLMENT_EXPIRED: "ENROLMENT_EXPIRED",
  ENROLMENT_USED: "ENROLMENT_USED",
  STATEMENT_MISMATCH: "STATEMENT_MISMATCH",
  STATEMENT_STALE: "UNAUTHENTICATED",
  CARD_SIGNATURE_INVALID: "SIGNATURE_INVALID",
  KEY_POSSESSION_INVALID: "SIGNATURE_INVALID",
  CERTIFICATE_MALFORMED: "CERTIFICATE_UNTRUSTED",
  CERTIFICATE_WRONG_KIND: "CERTIFICATE_UNTRUSTED",
  CERTIFICATE_UNTRUSTED: "CERTIFICATE_UNTRUSTED",
  CERTIFICATE_EXPIRED: "CERTIFICATE_EXPIRED",
  CERTIFICATE_REVOKED: "CERTIFICATE_REVOKED",
  STATUS_UNAVAILABLE: "CERTIFICATE_STATUS_UNKNOWN",
  JLIS_UNAVAILABLE: "JLIS_UNAVAILABLE",
  ACCOUNT_CONFLICT: "ACCOUNT_CONFLICT",
  OTHER_PERSON: "OTHER_PERSON",
};

/** What an app is told when the request engine refuses. */
const ofRequest: Record<RequestErrorCode, ApiProblemCode> = {
  NOT_FOUND: "NOT_FOUND",
  WRONG_STATE: "REQUEST_WRONG_STATE",
  EXPIRED: "REQUEST_EXPIRED",
  WRONG_SECRET: "RETURN_SECRET_WRONG",
  ID_TAKEN: "REQUEST_WRONG_STATE",
  WRONG_CODE: "PROXIMITY_CODE_WRONG",
  TOO_MANY_CODES: "REQUEST_WRONG_STATE",
  OTHER_DEVICE: "REQUEST_OF_ANOTHER_DEVICE",
  OTHER_ACCOUNT: "REQUEST_OF_ANOTHER_PERSON",
  APPROVAL_INVALID: "SIGNATURE_INVALID",
  APPROVAL_STALE: "UNAUTHENTICATED",
  DISPLAY_MISMATCH: "DISPLAY_MISMATCH",
  ITEMS_MISMATCH: "ITEM_REQUIRED",
  ENVELOPE_INVALID: "ENVELOPE_INVALID",
  GIVEN_MISMATCH: "SIGNATURE_INVALID",
  NOT_LINKED: "NOT_FOUND",
  BLOCKED: "FORBIDDEN",
  TOO_MANY: "RATE_LIMITED",
  SIGNATURE_INVALID: "SIGNATURE_INVALID",
  SIGNING_CERTIFICATE_UNUSABLE: "SIGNING_CERTIFICATE_UNUSABLE",
  CARD_NOT_READ: "CARD_NOT_READ",
  IDENTITY_CHANGED: "IDENTITY_CHANGED",
  CERTIFICATE_REVOKED: "CERTIFICATE_REVOKED",
  CERTIFICATE_EXPIRED: "CERTIFICATE_EXPIRED",
  STATUS_UNAVAILABLE: "CERTIFICATE_STATUS_UNKNOWN",
};

/** The core's errors as problems; every other error is given back as it is. */
export function problemOf(error: unknown): unknown {
  if (error instanceof IdentityError) {
    return new ApiProblem(ofIdentity[error.code], { detail: error.message, cause: error });
  }
  if (error instanceof RequestError) {
    return new ApiProblem(ofRequest[error.code], { detail: error.message, cause: error });
  }
  if (error instanceof DocumentError) return documentProblem(error);
  if (error instanceof JpkiError) return new ApiProblem("CERTIFICATE_STATUS_UNKNOWN", { cause: error });
  return error;
}
