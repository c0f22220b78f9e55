import type Provider from "oidc-provider";
import { errors } from "oidc-provider";
import type { Config } from "../../config.ts";
import { checkFetchedUri } from "../fetched-uri.ts";

const cibaGrantType = "urn:openid:params:grant-type:ciba";

type Metadata = Record<string, unknown> & { grant_types?: unknown };

/**
 * What a client that sends requests to people needs: it can prove itself, people know it by a sign-in in the browser, and
 * where it wants to be told it says where. Throws `invalid_client_metadata`.
 */
export function checkBackChannelMetadata(config: Pick<Config, "profile">, metadata: Metadata): void {
  const { backchannel_token_delivery_mode: mode, backchannel_client_notification_endpoint: endpoint } = metadata;
  if (endpoint !== undefined) checkFetchedUri(config, endpoint, "backchannel_client_notification_endpoint");
  if (!Array.isArray(metadata.grant_types) || !metadata.grant_types.includes(cibaGrantType)) return;
  const refuse = (why: string): never => {
    throw new errors.InvalidClientMetadata(why);
  };
  if (metadata.token_endpoint_auth_method === "none") refuse("a client that cannot prove itself sends no requests");
  if (!metadata.grant_types.includes("authorization_code"))
    refuse("people become known to a client by a sign-in first");
  if (metadata.backchannel_user_code_parameter === true) refuse("there are no user codes");
  if (mode === undefined) refuse("backchannel_token_delivery_mode is poll or ping");
  if (mode === "ping" && endpoint === undefined) refuse("ping needs a backchannel_client_notification_endpoint");
}

type Schema = { prototype: Record<"required" | "webUris", (this: Metadata) => void> };

/**
 * The library wants `jwks_uri` and `sector_identifier_uri` of every client that has pairwise subjects and the back channel
 * (CIBA Core 1.0 §4), since such a client may have no redirect URI. Ours have one, and their sector is its host; those with
 * several hosts still need a sector URI. And it knows no exception from TLS for a notification endpoint on this machine.
 */
export function adaptClientSchema(provider: Provider): void {
  const { prototype } = (provider.Client as unknown as { Schema: Schema }).Schema;
  const { required, webUris } = prototype;
  prototype.required = function () {
    const { grant_types: grants } = this;
    if (!Array.isArray(grants)) return required.call(this);
    this.grant_types = grants.filter((grant) => grant !== cibaGrantType);
    try {
      required.call(this);
    } finally {
      this.grant_types = grants;
    }
  };
  prototype.webUris = function () {
    const { backchannel_client_notification_endpoint: endpoint } = this;
    delete this.backchannel_client_notification_endpoint;
    webUris.call(this);
    if (endpoint !== undefined) this.backchannel_client_notification_endpoint = endpoint;
  };
}
