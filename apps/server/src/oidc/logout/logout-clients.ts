import { type Client, errors } from "oidc-provider";
import type { Config } from "../../config.ts";
import { checkFetchedUri } from "../fetched-uri.ts";

/** Names of client metadata (OpenID Connect Back-Channel Logout 1.0 §2.2); logout is ours, not the library's. */
export const logoutMetadata = ["backchannel_logout_uri", "backchannel_logout_session_required"] as const;

/** Throws `invalid_client_metadata`. */
export function checkLogoutMetadata(config: Pick<Config, "profile">, metadata: Record<string, unknown>): void {
  const { backchannel_logout_uri: uri, backchannel_logout_session_required: required } = metadata;
  if (!["boolean", "undefined"].includes(typeof required)) {
    throw new errors.InvalidClientMetadata("backchannel_logout_session_required must be true or false");
  }
  if (uri === undefined) return;
  checkFetchedUri(config, uri, "backchannel_logout_uri");
  const { hash, username, password } = new URL(uri as string);
  if (hash || username || password) {
    throw new errors.InvalidClientMetadata("backchannel_logout_uri holds a fragment or user information");
  }
}

/** Where a client wants to be told; undefined where it does not. */
export function logoutUriOf(client: Client): string | undefined {
  const uri = client[logoutMetadata[0]];
  return typeof uri === "string" ? uri : undefined;
}
