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
    return refused(error.error, error);
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    return refused(error.cause[0]?.parameters.error ?? "unauthorized", error);
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

function unreachable(cause: unknown): XidError {
  return new XidError("UNREACHABLE", "the provider does not answer", { cause });
}

function refused(oauthError: string, cause: unknown): XidError {
  if (oauthError === "access_denied") return new XidError("ACCESS_DENIED", "declined", { cause, oauthError });
  if (oauthError === "invalid_grant")
    return new XidError("EXPIRED", "the code is no longer good", { cause, oauthError });
  if (oauthError === "temporarily_unavailable" || oauthError === "server_error") return unreachable(cause);
  return new XidError("PROVIDER_ERROR", `the provider refused: ${oauthError}`, { cause, oauthError });
}
