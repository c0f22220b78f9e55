import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from "openid-client";
import { XidError } from "./xid-error.ts";

/** What openid-client, the network or the provider threw, in our codes. Ours pass unchanged. */
export function translateError(error: unknown): XidError {
  if (error instanceof XidError) return error;
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    return refused(error.error, error.error_description, error);
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    const { error: name, error_description: description } = error.cause[0]?.parameters ?? {};
    return refused(name ?? "unauthorized", description, error);
  }
  if (error instanceof ClientError) {
    const outOfOrder = error.cause instanceof Response && error.cause.status >= 500;
    if (error.code === "OAUTH_TIMEOUT" || error.code === "OAUTH_ABORT" || outOfOrder) return unreachable(error);
    return new XidError("RESPONSE_INVALID", error.message, { cause: error });
  }
  // fetch answers every network failure with a TypeError whose cause is the system error
  if (error instanceof TypeError && error.cause instanceof Error) return unreachable(error);
  return new XidError("RESPONSE_INVALID", "the provider's answer could not be used", { cause: error });
}

function unreachable(cause: Error): XidError {
  const why =
    cause.cause instanceof Response ? `status ${cause.cause.status}` : (cause.cause as { code?: string })?.code;
  return new XidError("UNREACHABLE", `the provider does not answer: ${why ?? cause.message}`, { cause });
}

function refused(oauthError: string, description: string | undefined, cause: unknown): XidError {
  const details = { cause, oauthError };
  const message = `the provider answered ${oauthError}${description ? `: ${description.slice(0, 200)}` : ""}`;
  if (oauthError === "access_denied") return new XidError("ACCESS_DENIED", message, details);
  if (oauthError === "unknown_user_id") return new XidError("NOT_LINKED", message, details);
  if (oauthError === "invalid_grant" || oauthError === "expired_token")
    return new XidError("EXPIRED", message, details);
  const outOfOrder = oauthError === "temporarily_unavailable" || oauthError === "server_error";
  return new XidError(outOfOrder ? "UNREACHABLE" : "PROVIDER_ERROR", message, details);
}
