import { type BilingualText, IdentityChangePolicy, itemNames, latestAttributesScope } from "@xid/protocol";
import type { Client } from "oidc-provider";
import { z } from "zod";
import type { Platform } from "../platform.ts";
import type { Asked } from "../store/database.ts";
import { askedLevel } from "./acr.ts";
import { purposeOf, wantedOf } from "./claim-request.ts";
import { itemRequests } from "./claims-parameter.ts";
import { Purpose } from "./client-metadata.ts";
import { readDetail } from "./detail/detail-types.ts";
import { recipientOf } from "./recipient.ts";

const signInPurpose: Purpose = { ja: "ログイン", en: "Sign in" };

/** Parameters of an authorization request that passed the library's checks. */
export type AuthorizationParameters = {
  scope?: string | undefined;
  claims?: string | undefined;
  authorization_details?: string | undefined;
  nonce?: string | undefined;
  acr_values?: string | undefined;
  redirect_uri: string;
};

/** @param redirectUri where the parameters have none: of the back channel, no browser comes back */
export function toParameters(
  parameters: Record<string, unknown>,
  redirectUri: unknown = parameters.redirect_uri,
): AuthorizationParameters {
  const text = (name: string) => (typeof parameters[name] === "string" ? parameters[name] : undefined);
  return {
    scope: text("scope"),
    claims: text("claims"),
    authorization_details: text("authorization_details"),
    nonce: text("nonce"),
    acr_values: text("acr_values"),
    redirect_uri: String(redirectUri ?? ""),
  };
}

/**
 * The items that an authorization request asks for. A scope asks for an item that may be left out; `"essential": true`
 * in the `claims` parameter makes it required. Where every place that asks for it wants certain values, only those leave.
 */
export function askedItems(parameters: AuthorizationParameters): Asked["items"] {
  const scopes = new Set(parameters.scope?.split(" "));
  const claims = itemRequests(parameters.claims);
  return itemNames.flatMap((name) => {
    const requests = [...(claims.get(name) ?? []), ...(scopes.has(name) ? [null] : [])];
    if (requests.length === 0) return [];
    const wanted = requests.map(wantedOf);
    const purpose = requests.map(purposeOf).find((one) => one !== undefined);
    return [
      {
        name,
        required: requests.some((request) => request?.essential === true),
        ...(wanted.every((hashes) => hashes !== undefined) && { wanted: wanted.flat() }),
        ...(purpose && { purpose }),
      },
    ];
  });
}

/**
 * All that the resident will be shown of an authorization request; the text to be signed apart. Throws a `ProtocolError`
 * where something is to be encrypted to a key that cannot be read at the client's `jwks_uri`.
 */
export async function toAsked(
  platform: Platform,
  client: Client,
  parameters: AuthorizationParameters,
): Promise<{ asked: Asked; text?: string | undefined }> {
  const details = parameters.authorization_details;
  const read = details === undefined ? undefined : readDetail(details);
  const items = askedItems(parameters);
  const delivery = goesEndToEnd(client) && items.length > 0 && (await deliveryTo(platform, client, parameters));
  const level = askedLevel(parameters, read?.type.kind ?? "sign_in");
  const common = {
    ...(delivery && { delivery }),
    clientName: clientNameOf(client),
    domain: domainOf(parameters.redirect_uri),
    purpose: Purpose.optional().parse(client.xid_purpose) ?? read?.type.purpose ?? signInPurpose,
    items,
    offlineAccess: parameters.scope?.split(" ").includes("offline_access") ?? false,
    ...changePolicyOf(client),
    ...(level && { level }),
    ...(asksForChanges(parameters) && !goesEndToEnd(client) && { latestAttributes: true as const }),
  };
  return read ? read.type.toAsked(platform, common, read.detail, client) : { asked: { kind: "sign_in", ...common } };
}

/** Nothing where it is the usual one. */
function changePolicyOf(client: Client): Pick<Asked, "changePolicy"> {
  const policy = IdentityChangePolicy.optional().parse(client.xid_identity_change_policy);
  return policy === undefined || policy === "require" ? {} : { changePolicy: policy };
}

/** Whether the app encrypts the items to the client's own key, so that nothing of them passes through here in the clear. */
export function goesEndToEnd(client: Client | undefined): boolean {
  return client?.xid_attribute_delivery === "end_to_end";
}

async function deliveryTo(
  platform: Platform,
  client: Client,
  { nonce }: AuthorizationParameters,
): Promise<Asked["delivery"]> {
  return { recipient: await recipientOf(platform, client), ...(nonce !== undefined && { nonce }) };
}

/** Whether the client wants to be told of later changes (継続的な提供). */
export function asksForChanges({ scope }: AuthorizationParameters): boolean {
  return scope?.split(" ").includes(latestAttributesScope) ?? false;
}

/** RFC 7591 §2.2: the name in a language, or else the one without a language. */
function clientNameOf(client: Client): BilingualText {
  const nameIn = (language: keyof BilingualText) =>
    z.string().optional().parse(client[`client_name#${language}`]) || client.clientName || client.clientId;
  return { ja: nameIn("ja"), en: nameIn("en") };
}

/** Host of a redirect URI; the scheme where an app has claimed one of its own. */
function domainOf(redirectUri: string): string {
  const { host, protocol } = new URL(redirectUri);
  return host || protocol.slice(0, -1);
}
