import { errors } from "oidc-provider";

/**
 * `xid_profile` of a client: `fapi2` holds it to the FAPI 2.0 Security Profile, `fapi2_message_signing` to FAPI 2.0
 * Message Signing on top of it. Without one a client may still do all of it, but is not held to it.
 */
export const clientProfiles = ["fapi2", "fapi2_message_signing"] as const;
export type ClientProfile = (typeof clientProfiles)[number];

export function profileOf(client: Record<string, unknown>): ClientProfile | undefined {
  return clientProfiles.find((profile) => profile === client.xid_profile);
}

const signedResponses = [
  "id_token_signed_response_alg",
  "userinfo_signed_response_alg",
  "introspection_signed_response_alg",
  "authorization_signed_response_alg",
];

/** JWT Secured Authorization Response Mode, as far as it goes with the code flow. */
const signedResponseModes = ["jwt", "query.jwt", "form_post.jwt"];

/**
 * Sets in a client's metadata what its profile switches on, and refuses what the profile does not go with; all the rest
 * of the profile holds for every client here. Throws `invalid_client_metadata`.
 */
export function applyClientProfile(metadata: Record<string, unknown>): void {
  const { xid_profile: named } = metadata;
  if (named === undefined) return;
  const refuse = (why: string): never => {
    throw new errors.InvalidClientMetadata(why);
  };
  const profile = profileOf(metadata) ?? refuse(`xid_profile is ${clientProfiles.join(" or ")}`);
  // FAPI 2.0 Security Profile §5.3.2.1: confidential clients that authenticate with a key.
  if (metadata.token_endpoint_auth_method !== "private_key_jwt") refuse(`${profile} needs private_key_jwt`);
  // §5.4.1
  for (const name of signedResponses) {
    if (metadata[name] === "RS256") refuse(`${profile} does not go with RS256 as ${name}`);
  }
  // §5.3.2.2
  metadata.require_pushed_authorization_requests = true;
  metadata.dpop_bound_access_tokens = true;
  if (profile !== "fapi2_message_signing") return;
  // Message Signing §5.3.1, §5.4.1 and §5.5.1
  metadata.require_signed_request_object = true;
  metadata.introspection_signed_response_alg ??= "ES256";
  const modes = metadata.response_modes ?? signedResponseModes;
  if (!Array.isArray(modes) || modes.some((mode) => !signedResponseModes.includes(mode))) {
    refuse(`response_modes of ${profile} are ${signedResponseModes.join(", ")}`);
  }
  metadata.response_modes = modes;
}
