/**
 * Scopes of the API for relying parties, and whose token has them: one that a person's approval gave (`person`), or the
 * relying party's own by the client-credentials grant (`client`, RFC 6749 section 4.4).
 */
export const apiScopes = {
  openid: {
    token: "person",
    ja: "その方の承認から得たトークンで、依頼の結果と証跡を読む",
    en: "Read the result and the evidence of a request, with the token that the person's approval gave",
  },
  requests: { token: "client", ja: "自らの依頼の状態と結果を読む", en: "Read state and result of its own requests" },
  evidence: { token: "client", ja: "自らの依頼の証跡を読む", en: "Read the evidence of its own requests" },
  documents: {
    token: "client",
    ja: "署名してもらう文書を預け、署名済みの文書を受け取る",
    en: "Hand in documents to be signed and take the signed ones",
  },
  identities: {
    token: "client",
    ja: "本人確認情報が変わっていないか確かめる",
    en: "Check whether what was verified of its customers still holds",
  },
  attributes: {
    token: "client",
    ja: "継続提供に同意した方の最新の基本4情報を受け取る",
    en: "Receive the latest attributes of the people who agreed to it",
  },
  webhooks: {
    token: "client",
    ja: "イベントの通知先を登録し、配信を確かめる",
    en: "Register where events are sent, and look at deliveries",
  },
} as const satisfies Record<string, { token: "person" | "client"; ja: string; en: string }>;

export type ApiScope = keyof typeof apiScopes;
export type PersonScope = {
  [Scope in ApiScope]: (typeof apiScopes)[Scope]["token"] extends "person" ? Scope : never;
}[ApiScope];
export type ClientScope = Exclude<ApiScope, PersonScope>;

/** What a client can ask the token endpoint for with `grant_type=client_credentials`. */
export const clientScopes = (Object.keys(apiScopes) as ApiScope[]).filter(
  (scope): scope is ClientScope => apiScopes[scope].token === "client",
);

/** Scope by which a client asks to be told of later changes (継続的な提供). */
export const latestAttributesScope = "latest_attributes";

/** For what the platform tells by itself later: not to be had by a client to which items go end to end. */
export const scopesToldLater: readonly string[] = [latestAttributesScope, "attributes" satisfies ClientScope];
