import { generateKeyPairSync, randomUUID } from "node:crypto";
import { join } from "node:path";
import {
  attributeNames,
  cardSignatureType,
  clientScopes,
  documentSignatureType,
  IdentityChangePolicy,
  identityRefreshType,
  latestAttributesScope,
  myNumberType,
  scopesToldLater,
} from "@xid/protocol";
import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";
import { writePrivateFile } from "../private-file.ts";

const profiles = ["fapi2", "fapi2_message_signing"] as const;

const methods = ["private_key_jwt", "client_secret_basic", "none"] as const;

export const clientRegister = defineCommand({
  positionals: [],
  options: {
    name: { type: "string", value: "NAME", help: "what residents are shown" },
    "name-ja": { type: "string", value: "NAME", help: "日本語の表示名" },
    "name-en": { type: "string", value: "NAME", help: "the same in English" },
    "redirect-uri": {
      type: "string",
      multiple: true,
      value: "URL",
      help: "where sign-ins come back to; may be repeated",
    },
    auth: { type: "string", value: "METHOD", help: `${methods.join(", ")} (private_key_jwt)` },
    profile: { type: "string", value: "PROFILE", help: `${profiles.join(", ")}: hold it to FAPI 2.0` },
    "logout-uri": {
      type: "string",
      value: "URL",
      help: "where it is told that a sign-in has ended (back-channel logout)",
    },
    encrypt: { type: "boolean", help: "ID token and UserInfo come encrypted (ECDH-ES, A256GCM)" },
    scope: { type: "string", value: "SCOPES", help: "openid name … documents webhooks …; all unless told" },
    "back-channel": {
      type: "string",
      value: "poll|URL",
      help: "it sends requests to people (CIBA), and polls for the result or is told of it at URL",
    },
    "end-to-end": { type: "boolean", help: "items come encrypted by the app to its own key; with --jwks-uri" },
    "receives-certificates": { type: "boolean", help: "the law lets it have certificates of cards" },
    "jwks-uri": {
      type: "string",
      value: "URL",
      help: "where it serves the keys that are made here, on the host of the redirect URI",
    },
    "my-number": {
      type: "string",
      multiple: true,
      value: "PURPOSE",
      help: "what the law lets it ask My Numbers for (tax.nisa …); may be repeated; with --jwks-uri",
    },
    "change-policy": {
      type: "string",
      value: "POLICY",
      help: `${IdentityChangePolicy.options.join(", ")}: at a sign-in of somebody of whom something has changed`,
    },
    "purpose-ja": { type: "string", value: "TEXT", help: "利用目的" },
    "purpose-en": { type: "string", value: "TEXT", help: "what the data is for" },
  },
  notes: [
    "Dynamic registration (RFC 7591), which a platform in the sandbox profile lets anyone do.",
    "With private_key_jwt or --encrypt, P-256 keys are made here. Everything is also kept in <data>/clients/<client_id>.json.",
  ],
  async run({ values, places }) {
    const redirectUris = values["redirect-uri"] ?? [];
    if (redirectUris.length === 0) throw new CliError("USAGE", "--redirect-uri URL is needed");
    const method = methods.find((known) => known === (values.auth ?? "private_key_jwt"));
    if (!method) throw new CliError("USAGE", `--auth is one of ${methods.join(", ")}`);
    const profile = profiles.find((known) => known === values.profile);
    if (values.profile !== undefined && !profile)
      throw new CliError("USAGE", `--profile is one of ${profiles.join(", ")}`);
    const policy = IdentityChangePolicy.options.find((known) => known === values["change-policy"]);
    if (values["change-policy"] !== undefined && !policy)
      throw new CliError("USAGE", `--change-policy is one of ${IdentityChangePolicy.options.join(", ")}`);
    const { "purpose-ja": ja, "purpose-en": en } = values;
    if ((ja === undefined) !== (en === undefined))
      throw new CliError("USAGE", "--purpose-ja and --purpose-en go together");
    const { "name-ja": nameJa, "name-en": nameEn } = values;
    const backChannel = toBackChannel(values["back-channel"]);
    const key = method === "private_key_jwt" ? generateKey({ use: "sig", alg: "ES256" }) : undefined;
    const jwksUri = values["jwks-uri"];
    if (values["end-to-end"] && jwksUri === undefined) throw new CliError("USAGE", "--end-to-end needs --jwks-uri");
    const encryptionKey =
      values.encrypt || jwksUri !== undefined ? generateKey({ use: "enc", alg: encryption.alg }) : undefined;
    const keys = [key, encryptionKey].flatMap((made) => made?.publicJwk ?? []);
    // Who cannot prove itself has no tokens of its own.
    const ownScopes = method === "none" ? [] : clientScopes;
    const offered = ["openid", ...attributeNames, "offline_access", latestAttributesScope, ...ownScopes];
    const kept = values["end-to-end"] ? scopesToldLater : [];
    const registered = await register(places.platform, {
      client_name: values.name ?? nameJa ?? nameEn ?? "xid CLI",
      // RFC 7591 §2.2
      ...(nameJa === undefined ? {} : { "client_name#ja": nameJa }),
      ...(nameEn === undefined ? {} : { "client_name#en": nameEn }),
      redirect_uris: redirectUris,
      token_endpoint_auth_method: method,
      scope: values.scope ?? offered.filter((scope) => !kept.includes(scope)).join(" "),
      grant_types: [
        "authorization_code",
        "refresh_token",
        ...(method === "none" ? [] : ["client_credentials"]),
        ...(backChannel ? [cibaGrantType] : []),
      ],
      response_types: ["code"],
      authorization_details_types: [cardSignatureType, documentSignatureType, identityRefreshType, myNumberType],
      ...(values["my-number"] ? { xid_my_number_purposes: values["my-number"] } : {}),
      ...(values["end-to-end"] ? { xid_attribute_delivery: "end_to_end" } : {}),
      ...(values["receives-certificates"] ? { xid_receives_certificates: true } : {}),
      ...(policy ? { xid_identity_change_policy: policy } : {}),
      ...(profile ? { xid_profile: profile } : {}),
      ...(values["logout-uri"] === undefined
        ? {}
        : { backchannel_logout_uri: values["logout-uri"], backchannel_logout_session_required: true }),
      ...backChannel,
      ...(values.encrypt ? encryptedAnswers : {}),
      ...registeredKeys(keys, jwksUri),
      ...(ja === undefined ? {} : { xid_purpose: { ja, en } }),
    });
    const client = {
      issuer: places.platform,
      ...registered,
      ...(jwksUri === undefined ? {} : { jwks: { keys } }),
      ...(key ? { private_jwk: key.privateJwk } : {}),
      ...(encryptionKey ? { private_encryption_jwk: encryptionKey.privateJwk } : {}),
    };
    const file = join(places.dataDirectory, "clients", `${encodeURIComponent(registered.client_id)}.json`);
    await writePrivateFile(file, `${JSON.stringify(client, null, 2)}\n`);
    return { json: client, text: `client_id: ${registered.client_id}\n鍵・秘密情報 keys and secrets: ${file}` };
  },
});

const cibaGrantType = "urn:openid:params:grant-type:ciba";

/** OpenID Connect CIBA 1.0 §4 */
function toBackChannel(chosen: string | undefined): object | undefined {
  if (chosen === undefined) return undefined;
  if (chosen === "poll") return { backchannel_token_delivery_mode: "poll" };
  if (!URL.canParse(chosen))
    throw new CliError("USAGE", "--back-channel is poll, or the URL where results are announced");
  return { backchannel_token_delivery_mode: "ping", backchannel_client_notification_endpoint: chosen };
}

/** By value, or by where they are: never both (RFC 7591 §2). */
function registeredKeys(keys: object[], jwksUri: string | undefined) {
  if (jwksUri !== undefined) return { jwks_uri: jwksUri };
  return keys.length > 0 ? { jwks: { keys } } : {};
}

const encryption = { alg: "ECDH-ES", enc: "A256GCM" };

/** OpenID Connect Registration §2 */
const encryptedAnswers = {
  id_token_encrypted_response_alg: encryption.alg,
  id_token_encrypted_response_enc: encryption.enc,
  userinfo_signed_response_alg: "ES256",
  userinfo_encrypted_response_alg: encryption.alg,
  userinfo_encrypted_response_enc: encryption.enc,
};

/** P-256 (RFC 7518 §3.4 and §4.6), with a key id of its own. */
function generateKey(purpose: { use: "sig" | "enc"; alg: string }) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const about = { kid: randomUUID(), ...purpose };
  return {
    publicJwk: { ...publicKey.export({ format: "jwk" }), ...about },
    privateJwk: { ...privateKey.export({ format: "jwk" }), ...about },
  };
}

type Registered = { client_id: string } & Record<string, unknown>;

async function register(platform: string, metadata: object): Promise<Registered> {
  const discovery = await call(platform, `${platform}/.well-known/openid-configuration`);
  const endpoint = discovery.body.registration_endpoint;
  if (typeof endpoint !== "string") {
    throw new CliError("REGISTRATION_REFUSED", `${platform} does not let clients register themselves`);
  }
  const { response, body } = await call(platform, endpoint, metadata);
  if (response.ok && typeof body.client_id === "string") return { ...body, client_id: body.client_id };
  const { error = `status ${response.status}`, error_description: description } = body;
  throw new CliError("REGISTRATION_REFUSED", description ? `${error}: ${description}` : String(error), {
    details: { status: response.status, error },
  });
}

async function call(platform: string, url: string, metadata?: object) {
  const headers = { accept: "application/json", ...(metadata ? { "content-type": "application/json" } : {}) };
  let response: Response;
  try {
    response = await fetch(url, metadata ? { method: "POST", headers, body: JSON.stringify(metadata) } : { headers });
  } catch (cause) {
    throw new CliError("UNREACHABLE", `no platform at ${platform}; start it with "xid up"`, { cause });
  }
  return { response, body: (await response.json().catch(() => ({}))) as Record<string, unknown> };
}
