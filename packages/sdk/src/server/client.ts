import {
  cardSignatureType,
  clientScopes,
  documentSignatureType,
  type IdentityChangePolicy,
  identityRefreshType,
  latestAttributesScope,
  type MyNumberPurpose,
  myNumberType,
  scopesToldLater,
} from "@xid/protocol";
import { base64url, type JWK } from "jose";
import {
  allowInsecureRequests,
  ClientError,
  type Configuration,
  customFetch,
  type DPoPHandle,
  discovery,
  dynamicClientRegistration,
  enableDecryptingResponses,
  enableNonRepudiationChecks,
  getDPoPHandle,
  PrivateKeyJwt,
  useJwtResponseMode,
} from "openid-client";
import { boundedFetch, refusePlainUserInfo } from "./bounded-fetch.ts";
import { isLoopback } from "./check-url.ts";
import {
  type ClientState,
  digestMetadata,
  importDecryptionKey,
  importKeyPair,
  loadClientState,
  publicClientKey,
  publicEncryptionKey,
  saveClientState,
} from "./client-state.ts";
import type { ClientStore } from "./client-store.ts";
import { itemScopes } from "./items.ts";
import { XidError } from "./xid-error.ts";

/** How a relying party introduces itself to people. */
export type Registration = {
  /** Shown to people in their language; one text stands for both. */
  name: string | { ja: string; en: string };
  /** Why it asks, in one sentence that is shown before the person decides. */
  purpose: { ja: string; en: string };
  /** Whether the law lets it have certificates of cards and their serial numbers; the sandbox takes its word. */
  receivesCertificates?: boolean;
  /**
   * What happens when somebody signs in of whom something has changed since they read their card (a move, a new name …):
   * `warn` tells in `identityStatus`, `require` (unless told) has the app ask for the card, `block` refuses until it was read.
   */
  identityChangePolicy?: IdentityChangePolicy;
  /** What the law lets it ask My Numbers for; the sandbox takes its word. Needs `jwksUri`. */
  myNumberPurposes?: readonly MyNumberPurpose[];
  /**
   * Where `publicJwks()` is to be read by platform and app, on the host of the redirect URI and from any origin
   * (`access-control-allow-origin: *`): needed for what is encrypted to this relying party.
   */
  jwksUri?: string;
  homepage?: string;
  logo?: string;
  privacyPolicy?: string;
  /** Where it is told that a sign-in has ended at the provider (Back-Channel Logout): for `verifyLogoutToken`. */
  logoutUri?: string;
  /** Where `signOutUrl` may lead back to. */
  afterSignOut?: string[];
  /**
   * Whether it sends requests to people (`requestApproval`), and how it hears of the result: it asks for it now and then, or
   * it is told at a URL.
   */
  backChannel?: "poll" | { announceTo: string };
};

export type ClientOptions = {
  issuer: string;
  redirectUri: string;
  store: ClientStore;
  /** Registered by itself at the first use (RFC 7591): what the sandbox allows. */
  registration?: Registration;
  /** A client registered by hand, with the keys of `publicJwks`. */
  clientId?: string;
  /**
   * What the provider is to hold this client to (docs/oidc-profiles.md). With `fapi2_message_signing` every request is
   * signed, and so is every answer to the browser.
   */
  profile?: "fapi2" | "fapi2_message_signing";
  /** Seconds to wait for a whole answer of the provider; 10 unless told. */
  timeout?: number;
  /** ID token and items come encrypted to a key that is kept in the store (ECDH-ES, A256GCM). */
  encrypted?: boolean;
  /**
   * `end_to_end`: the items come encrypted by the person's app to our own key, for us to verify; the provider sees none of
   * them pass. `jwksUri` of the registration must let browsers of other origins read it (CORS).
   */
  delivery?: "end_to_end";
};

export type Connection = {
  configuration: Configuration;
  dpop: DPoPHandle;
  transactionKey: Uint8Array;
  /** Whether ID tokens and items must come encrypted. */
  encrypted: boolean;
  /** Signs requests, where they have to be signed. */
  requestKey: { key: CryptoKey; kid: string } | undefined;
};

export type Client = {
  /** Discovers, registers where needed, and remembers; throws what openid-client throws, or NOT_REGISTERED. */
  connect(): Promise<Connection>;
  /** After `invalid_client`: the provider has forgotten us. Undefined when it is not for us to register. */
  registerAgain(failed: Connection): Promise<Connection> | undefined;
  publicJwks(): Promise<{ keys: JWK[] }>;
  /** Private keys that open envelopes. */
  decryptionKeys(): Promise<JWK[]>;
};

const defaultTimeout = 10;

export function createClient(options: ClientOptions): Client {
  const issuer = new URL(options.issuer);
  const signsMessages = options.profile === "fapi2_message_signing";
  const settings = {
    timeout: options.timeout ?? defaultTimeout,
    [customFetch]: boundedFetch,
    execute: [
      enableNonRepudiationChecks,
      ...(signsMessages ? [useJwtResponseMode] : []),
      ...(isLoopback(issuer) ? [allowInsecureRequests] : []),
    ],
  };
  let loading: Promise<ClientState> | undefined;
  let connecting: Promise<Connection> | undefined;
  let connected: Connection | undefined;

  function state(): Promise<ClientState> {
    loading ??= loadClientState(options.store, {
      encrypted: options.encrypted || options.delivery !== undefined || options.registration?.jwksUri !== undefined,
    });
    loading.catch(() => {
      loading = undefined;
    });
    return loading;
  }

  async function open(registerAnew: boolean): Promise<Connection> {
    const current = await state();
    const { clientKey } = current;
    const { kid } = await publicClientKey(current);
    const signingKey = { key: (await importKeyPair(clientKey)).privateKey, kid: kid! };
    const clientId = options.clientId ?? (await registeredId(current, registerAnew));
    const metadata = { ...signing, ...(options.encrypted && encryptedAnswers) };
    const configuration = await discovery(issuer, clientId, metadata, PrivateKeyJwt(signingKey), settings);
    if (options.encrypted && current.encryptionKey) {
      enableDecryptingResponses(configuration, [encryption.enc], await importDecryptionKey(current.encryptionKey));
      configuration[customFetch] = refusePlainUserInfo(configuration.serverMetadata().userinfo_endpoint);
    }
    return {
      configuration,
      dpop: getDPoPHandle(configuration, await importKeyPair(current.dpopKey)),
      transactionKey: base64url.decode(current.transactionKey),
      encrypted: options.encrypted ?? false,
      requestKey: signsMessages ? signingKey : undefined,
    };
  }

  async function registeredId(current: ClientState, registerAnew: boolean): Promise<string> {
    if (!options.registration) throw new XidError("NOT_REGISTERED", "give clientId or registration");
    const { jwksUri } = options.registration;
    const metadata = {
      ...describe(options.registration, options),
      ...(options.profile && { xid_profile: options.profile }),
      ...(signsMessages && { request_object_signing_alg: "ES256", authorization_signed_response_alg: "ES256" }),
      ...(options.encrypted && encryptedAnswers),
      ...(options.delivery && { xid_attribute_delivery: options.delivery }),
      ...(jwksUri === undefined ? { jwks: await publicJwks() } : { jwks_uri: jwksUri }),
    };
    const digest = digestMetadata(metadata);
    const known = current.registration;
    if (!registerAnew && known?.issuer === options.issuer && known.digest === digest) return known.clientId;
    const clientId = await register(metadata);
    current.registration = { issuer: options.issuer, clientId, digest };
    await saveClientState(options.store, current);
    return clientId;
  }

  async function register(metadata: object): Promise<string> {
    try {
      const registered = await dynamicClientRegistration(issuer, metadata, undefined, settings);
      return registered.clientMetadata().client_id;
    } catch (cause) {
      if (cause instanceof ClientError && cause.code === "OAUTH_MISSING_SERVER_METADATA") {
        throw new XidError("NOT_REGISTERED", "the provider takes no registrations", { cause });
      }
      throw cause;
    }
  }

  async function publicJwks() {
    const current = await state();
    const { encryptionKey } = current;
    const signature = await publicClientKey(current);
    return {
      keys: encryptionKey ? [signature, await publicEncryptionKey(encryptionKey, encryption.alg)] : [signature],
    };
  }

  function begin(registerAnew: boolean): Promise<Connection> {
    connected = undefined;
    connecting = open(registerAnew);
    connecting.then(
      (connection) => {
        connected = connection;
      },
      () => {
        connecting = undefined;
      },
    );
    return connecting;
  }

  return {
    connect: () => connecting ?? begin(false),
    registerAgain(failed) {
      if (options.clientId) return undefined;
      // several requests may fail at once on the same lost registration: the first mends it for all
      return connected === failed || !connecting ? begin(true) : connecting;
    },
    publicJwks,
    async decryptionKeys() {
      const { encryptionKey } = await state();
      return encryptionKey ? [encryptionKey] : [];
    },
  };
}

/** Algorithms that we hold the provider to. */
const signing = { id_token_signed_response_alg: "ES256", userinfo_signed_response_alg: "ES256" };

const encryption = { alg: "ECDH-ES", enc: "A256GCM" };

/** OpenID Connect Registration 1.0 §2 */
const encryptedAnswers = {
  id_token_encrypted_response_alg: encryption.alg,
  id_token_encrypted_response_enc: encryption.enc,
  userinfo_encrypted_response_alg: encryption.alg,
  userinfo_encrypted_response_enc: encryption.enc,
};

/** RFC 7591 §2.2: by language, and once more for who knows no languages. */
function describeName(name: Registration["name"]): Record<string, string> {
  if (typeof name === "string") return { client_name: name };
  return { client_name: name.ja, "client_name#ja": name.ja, "client_name#en": name.en };
}

/** OpenID Connect Client-Initiated Backchannel Authentication 1.0 */
export const cibaGrantType = "urn:openid:params:grant-type:ciba";

function describeBackChannel(chosen: Registration["backChannel"]): Record<string, string> {
  if (chosen === undefined) return {};
  if (chosen === "poll") return { backchannel_token_delivery_mode: "poll" };
  return {
    backchannel_token_delivery_mode: "ping",
    backchannel_client_notification_endpoint: chosen.announceTo,
  };
}

/** Client metadata of RFC 7591, OpenID Connect Registration 1.0 and RFC 9449; `xid_purpose` is xID's own. */
function describe(
  registration: Registration,
  { redirectUri, delivery }: Pick<ClientOptions, "redirectUri" | "delivery">,
): Record<string, unknown> {
  const kept = delivery === undefined ? [] : scopesToldLater;
  const scopes = ["openid", latestAttributesScope, ...itemScopes, ...clientScopes];
  return {
    ...describeName(registration.name),
    xid_purpose: registration.purpose,
    authorization_details_types: [cardSignatureType, documentSignatureType, identityRefreshType, myNumberType],
    ...(registration.identityChangePolicy && { xid_identity_change_policy: registration.identityChangePolicy }),
    ...(registration.myNumberPurposes && { xid_my_number_purposes: registration.myNumberPurposes }),
    ...(registration.receivesCertificates && { xid_receives_certificates: true }),
    redirect_uris: [redirectUri],
    response_types: ["code"],
    grant_types: ["authorization_code", "client_credentials", ...(registration.backChannel ? [cibaGrantType] : [])],
    ...describeBackChannel(registration.backChannel),
    application_type: "web",
    subject_type: "pairwise",
    scope: scopes.filter((scope) => !kept.includes(scope)).join(" "),
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: "ES256",
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: true,
    ...signing,
    ...(registration.logoutUri && {
      backchannel_logout_uri: registration.logoutUri,
      backchannel_logout_session_required: true,
    }),
    ...(registration.homepage && { client_uri: registration.homepage }),
    ...(registration.logo && { logo_uri: registration.logo }),
    ...(registration.privacyPolicy && { policy_uri: registration.privacyPolicy }),
    ...(registration.afterSignOut && { post_logout_redirect_uris: registration.afterSignOut }),
  };
}
