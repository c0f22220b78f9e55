import { createPublicKey, type JsonWebKey } from "node:crypto";
import { IdentityChangePolicy, MyNumberPurposeCode, myNumberPurposes, scopesToldLater } from "@xid/protocol";
import { errors } from "oidc-provider";
import { z } from "zod";
import type { Config } from "../config.ts";
import { keyEncryptions } from "./algorithms.ts";
import { checkBackChannelMetadata } from "./back-channel/clients.ts";
import { applyClientProfile } from "./client-profile.ts";
import { checkFetchedUri, loopbackHosts, maxUriLength } from "./fetched-uri.ts";
import { checkLogoutMetadata, logoutMetadata } from "./logout/logout-clients.ts";

/** Shown to residents on the consent screen: why the relying party asks. */
export const Purpose = z.strictObject({ ja: z.string().min(1).max(200), en: z.string().min(1).max(200) });
export type Purpose = z.infer<typeof Purpose>;

/**
 * Names of client metadata that the library does not know: our own, and the client's name by language (RFC 7591 §2.2).
 * `xid_identity_change_policy`: what happens at a sign-in when something has changed since the person read their card.
 * `xid_attribute_delivery`: `end_to_end` where the app encrypts the items to the relying party's own key; `user_info` else.
 * `xid_my_number_purposes`: what the law lets it ask My Numbers for. `xid_receives_certificates`: whether the law lets this relying party have certificates of cards and their serial numbers.
 */
export const extraClientMetadata = [
  "xid_purpose",
  "xid_profile",
  "xid_receives_certificates",
  "xid_identity_change_policy",
  "xid_my_number_purposes",
  "xid_attribute_delivery",
  "client_name#ja",
  "client_name#en",
  ...logoutMetadata,
] as const;

/** A subset of the closed list, each once. */
export const MyNumberPurposes = z
  .array(MyNumberPurposeCode)
  .max(Object.keys(myNumberPurposes).length)
  .refine((purposes) => new Set(purposes).size === purposes.length);
export type MyNumberPurposes = z.infer<typeof MyNumberPurposes>;

/** Control characters, and those that turn the direction of text around: a name must read as it is. */
const deceptiveCharacters = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

const displayed = (text: string) => !deceptiveCharacters.test(text);

const Jwk = z.looseObject({
  kty: z.enum(["EC", "RSA", "OKP"]),
  kid: z.string().max(256).optional(),
  use: z.string().optional(),
  alg: z.string().optional(),
  crv: z.string().optional(),
});

const Jwks = z.strictObject({ keys: z.array(Jwk).min(1).max(10) });

/**
 * What the library leaves open in a client's metadata (it checks types, enumerations and dependencies itself).
 * Throws `invalid_client_metadata` or `invalid_redirect_uri`.
 */
export function checkClientMetadata(config: Pick<Config, "profile">, metadata: Record<string, unknown>): void {
  const { application_type: applicationType = "web" } = metadata;
  for (const name of ["redirect_uris", "post_logout_redirect_uris"]) {
    for (const uri of listOfText(metadata, name)) checkRedirectUri(config, uri, applicationType === "native");
  }
  for (const name of ["client_name", "client_name#ja", "client_name#en", "client_id"]) {
    const text = metadata[name] ?? "";
    if (typeof text !== "string" || text.length > 100 || !displayed(text)) {
      throw new errors.InvalidClientMetadata(`${name} is no text, too long, or holds characters that cannot be shown`);
    }
  }
  applyClientProfile(metadata);
  if (metadata.jwks !== undefined) checkJwks(metadata);
  if (metadata.jwks_uri !== undefined) checkFetchedUri(config, metadata.jwks_uri, "jwks_uri");
  const grants = listOfText(metadata, "grant_types");
  if (grants.includes("client_credentials") && metadata.token_endpoint_auth_method === "none") {
    throw new errors.InvalidClientMetadata("a client that cannot prove itself has no tokens of its own");
  }
  checkBackChannelMetadata(config, metadata);
  checkLogoutMetadata(config, metadata);
  if (!["boolean", "undefined"].includes(typeof metadata.xid_receives_certificates)) {
    throw new errors.InvalidClientMetadata("xid_receives_certificates must be true or false");
  }
  if (!IdentityChangePolicy.optional().safeParse(metadata.xid_identity_change_policy).success) {
    throw new errors.InvalidClientMetadata("xid_identity_change_policy must be warn, require or block");
  }
  const myNumber = MyNumberPurposes.optional().safeParse(metadata.xid_my_number_purposes);
  if (!myNumber.success) {
    throw new errors.InvalidClientMetadata("xid_my_number_purposes must be a list of purposes that the law knows");
  }
  if (myNumber.data?.length && metadata.jwks_uri === undefined) {
    throw new errors.InvalidClientMetadata("xid_my_number_purposes needs a jwks_uri with a key for encryption");
  }
  checkAttributeDelivery(metadata);
  const purpose = Purpose.optional().safeParse(metadata.xid_purpose);
  if (!purpose.success || Object.values(purpose.data ?? {}).some((text) => !displayed(text))) {
    throw new errors.InvalidClientMetadata('xid_purpose must be {"ja","en"}, at most 200 characters each');
  }
}

function checkAttributeDelivery({
  xid_attribute_delivery: delivery,
  jwks_uri: jwksUri,
  scope,
}: Record<string, unknown>) {
  if (!["user_info", "end_to_end", undefined].includes(delivery as string | undefined)) {
    throw new errors.InvalidClientMetadata("xid_attribute_delivery must be user_info or end_to_end");
  }
  if (delivery !== "end_to_end") return;
  if (jwksUri === undefined) {
    throw new errors.InvalidClientMetadata(
      "xid_attribute_delivery: end_to_end needs a jwks_uri with a key for encryption",
    );
  }
  const scopes = typeof scope === "string" ? scope.split(" ") : [];
  if (scopes.some((name) => scopesToldLater.includes(name))) {
    throw new errors.InvalidClientMetadata("what the platform tells by itself later cannot go end to end");
  }
}

function listOfText(metadata: Record<string, unknown>, name: string): string[] {
  const list = z.array(z.string()).max(20).optional().safeParse(metadata[name]);
  if (!list.success) throw new errors.InvalidClientMetadata(`${name} must be a list of at most 20 texts`);
  return list.data ?? [];
}

/** RFC 9700 §2.1, RFC 8252 §7: compared character by character, so it must mean what it looks like. */
function checkRedirectUri(config: Pick<Config, "profile">, uri: string, native: boolean): void {
  const refuse = (why: string): never => {
    throw new errors.InvalidRedirectUri(`a redirect URI ${why}`);
  };
  if (uri.length > maxUriLength) refuse("is too long");
  if (!/^[\x21-\x7e]+$/.test(uri) || uri.includes("\\")) refuse("has characters that do not belong in one");
  const url = URL.parse(uri) ?? refuse("is not one");
  if (url.username || url.password) refuse("holds user information");
  if (url.hash || uri.includes("#")) refuse("has a fragment");
  if (url.hostname.includes("*") || url.hostname.includes("%2a")) refuse("has a wildcard in its host");
  if (url.protocol === "https:") return;
  if (url.protocol === "http:") {
    if (!loopbackHosts.has(url.hostname)) refuse("uses http beyond this machine");
    if (!native && config.profile !== "sandbox") refuse("uses http");
    return;
  }
  if (!native) refuse("of a web client must use https");
  if (!url.protocol.includes(".")) refuse("has a scheme that is not a reversed domain name");
}

/** RFC 7517. Keys behind a `jwks_uri` are judged when they are used. */
function checkJwks(metadata: Record<string, unknown>): void {
  const jwks = Jwks.safeParse(metadata.jwks);
  if (!jwks.success) throw new errors.InvalidClientMetadata("jwks must hold one to ten public keys");
  const { keys } = jwks.data;
  const kids = keys.flatMap(({ kid }) => (kid === undefined ? [] : [kid]));
  if (new Set(kids).size !== kids.length) throw new errors.InvalidClientMetadata("jwks names two keys alike");
  for (const jwk of keys) {
    if ("d" in jwk) throw new errors.InvalidClientMetadata("jwks holds a private key");
    const bits = publicKeyStrength(jwk);
    if (bits === undefined) throw new errors.InvalidClientMetadata("jwks holds a key that is not valid");
    if (jwk.kty === "RSA" && bits < 2048) throw new errors.InvalidClientMetadata("jwks holds a weak RSA key");
  }
  const signs = metadata.token_endpoint_auth_method === "private_key_jwt" || metadata.require_signed_request_object;
  if (signs && keys.every(({ use }) => use === "enc")) {
    throw new errors.InvalidClientMetadata("jwks holds no key for signatures");
  }
  for (const name of encryptedResponses) {
    const algorithm = keyEncryptions.find((known) => known === metadata[name]);
    if (algorithm && !keys.some((jwk) => isForEncryption(jwk, algorithm))) {
      throw new errors.InvalidClientMetadata(`jwks holds no key with use=enc for ${name}=${algorithm}`);
    }
  }
}

const encryptedResponses = [
  "id_token_encrypted_response_alg",
  "userinfo_encrypted_response_alg",
  "introspection_encrypted_response_alg",
  "authorization_encrypted_response_alg",
];

function isForEncryption(jwk: z.infer<typeof Jwk>, algorithm: (typeof keyEncryptions)[number]): boolean {
  if (jwk.use !== "enc" || (jwk.alg !== undefined && jwk.alg !== algorithm)) return false;
  if (algorithm === "RSA-OAEP-256") return jwk.kty === "RSA";
  return jwk.kty === "EC" || (jwk.kty === "OKP" && jwk.crv === "X25519");
}

/** Bits of an RSA modulus, 0 for other kinds; undefined if it is no key, such as a point off its curve. */
function publicKeyStrength(jwk: z.infer<typeof Jwk>): number | undefined {
  try {
    const key = createPublicKey({ key: jwk as JsonWebKey, format: "jwk" });
    return key.asymmetricKeyDetails?.modulusLength ?? 0;
  } catch {
    return undefined;
  }
}
