import { attributeNames, type BilingualText } from "@xid/protocol";
import type { Client } from "oidc-provider";
import { z } from "zod";
import { splitDocument } from "../request/shown-document.ts";
import type { Asked } from "../store/database.ts";
import { parseCardSignatureDetail } from "./card-signature-detail.ts";
import { Purpose } from "./client-metadata.ts";

/** Members of the `claims` parameter (OpenID Connect Core 5.5), already checked by the library for their types. */
const ClaimsParameter = z.looseObject({
  userinfo: z.record(z.string(), z.looseObject({ essential: z.boolean().optional() }).nullable()).optional(),
  id_token: z.record(z.string(), z.looseObject({ essential: z.boolean().optional() }).nullable()).optional(),
});

const defaultPurposes: Record<Asked["kind"], Purpose> = {
  sign_in: { ja: "ログイン", en: "Sign in" },
  card_signature: { ja: "マイナンバーカードによる署名", en: "Signature with the My Number Card" },
};

/** Parameters of an authorization request that passed the library's checks. */
export type AuthorizationParameters = {
  scope?: string | undefined;
  claims?: string | undefined;
  authorization_details?: string | undefined;
  redirect_uri: string;
};

/**
 * The items that an authorization request asks for. A scope asks for an item that may be left out; `"essential": true`
 * in the `claims` parameter makes it required.
 */
export function askedItems(parameters: AuthorizationParameters): Asked["items"] {
  const scopes = new Set(parameters.scope?.split(" "));
  const claims = parameters.claims === undefined ? {} : ClaimsParameter.parse(JSON.parse(parameters.claims));
  return attributeNames.flatMap((name) => {
    const claim = [claims.userinfo?.[name], claims.id_token?.[name]];
    const asked = scopes.has(name) || claim.some((member) => member !== undefined);
    return asked ? [{ name, required: claim.some((member) => member?.essential === true) }] : [];
  });
}

/** All that the resident will be shown of an authorization request; the text to be signed apart. */
export function toAsked(
  client: Client,
  parameters: AuthorizationParameters,
): { asked: Asked; text?: string | undefined } {
  const details = parameters.authorization_details;
  const kind = details === undefined ? "sign_in" : "card_signature";
  const common = {
    clientName: clientNameOf(client),
    domain: domainOf(parameters.redirect_uri),
    purpose: Purpose.optional().parse(client.xid_purpose) ?? defaultPurposes[kind],
    items: askedItems(parameters),
    offlineAccess: parameters.scope?.split(" ").includes("offline_access") ?? false,
  };
  if (details === undefined) return { asked: { kind: "sign_in", ...common } };
  const { display, document } = parseCardSignatureDetail(details);
  const { asked, text } = splitDocument(document);
  return { asked: { kind: "card_signature", ...common, signature: { display, document: asked } }, text };
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
