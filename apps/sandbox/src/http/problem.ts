import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { SandboxError, type SandboxErrorCode } from "../error.ts";
import type { Log } from "../log.ts";

export const statusOf: Record<SandboxErrorCode, ContentfulStatusCode> = {
  MALFORMED: 400,
  DOCUMENT_MALFORMED: 400,
  UNAUTHORIZED: 401,
  ORIGIN_REFUSED: 403,
  OTHER_VERIFIER: 403,
  ITEM_NOT_CONSENTED: 403,
  NOT_FOUND: 404,
  PERSON_NOT_FOUND: 404,
  SERIAL_UNKNOWN: 404,
  VERIFIER_NOT_FOUND: 404,
  CONSENT_UNKNOWN: 404,
  DOCUMENT_STALE: 409,
  CERTIFICATE_UNKNOWN: 409,
  CERTIFICATE_WRONG_KIND: 409,
  CERTIFICATE_REVOKED: 409,
  CERTIFICATE_EXPIRED: 409,
  SIGNATURE_INVALID: 409,
  CONSENT_WITHDRAWN: 409,
  CONSENT_REPLACED: 409,
  CONSENT_EXPIRED: 409,
  NO_SIGNATURE_CERTIFICATE: 409,
  SAME_ADDRESS: 409,
  TOWN_EXISTS: 409,
  NOTHING_TO_REVOKE: 409,
  NOTHING_CHANGES: 409,
  RESIDENT_DECEASED: 409,
  RESIDENT_ABROAD: 409,
  NOT_ABROAD: 409,
  AGE_UNSUITABLE: 409,
  CARD_ABSENT: 409,
  CARD_PRESENT: 409,
  CARD_SUSPENDED: 409,
  CARD_NOT_LOST: 409,
  CARD_VOID: 409,
  CARD_EXPIRED: 409,
  PHONE_ABSENT: 409,
  PHONE_PRESENT: 409,
  SIGNATURE_NOT_VALID: 409,
  TOO_EARLY: 409,
  EVENT_NOT_PENDING: 409,
  EVENT_NOT_FOUND: 404,
  DATE_UNSUITABLE: 422,
  UNDER_SIGNATURE_AGE: 409,
  AUTHENTICATION_NOT_VALID: 409,
  CLOCK_BACKWARDS: 409,
  CARD_LOST: 410,
  TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  PERSONA_UNKNOWN: 422,
  ID_TAKEN: 409,
  NAME_UNSUITABLE: 422,
  BIRTHDATE_UNSUITABLE: 422,
  ADDRESS_UNSUITABLE: 422,
  CLOCK_TOO_FAR: 422,
  TOO_MANY_REQUESTS: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  FULL: 507,
};

/** What a caller may know of an error; anything unforeseen is logged and becomes INTERNAL with no detail. */
export function exposeError(error: unknown, log: Log): SandboxError {
  if (error instanceof SandboxError) return error;
  if (error instanceof HTTPException && error.status < 500) return new SandboxError("MALFORMED", "malformed request");
  log("error", "unforeseen error", { error: error instanceof Error ? error.stack : String(error) });
  return new SandboxError("INTERNAL", "internal error");
}

/** RFC 9457. */
export function problem(context: Context, { code, message }: SandboxError): Response {
  const status = statusOf[code];
  if (code === "UNAUTHORIZED") context.header("www-authenticate", 'Bearer error="invalid_token"');
  if (code === "TOO_MANY_REQUESTS") context.header("retry-after", "1");
  const title = code.toLowerCase().replaceAll("_", " ");
  const body = JSON.stringify({ type: "about:blank", title, status, code, detail: message });
  return context.body(body, status, { "content-type": "application/problem+json" });
}
