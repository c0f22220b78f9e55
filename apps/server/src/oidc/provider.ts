import { clientScopes, companionNames, itemNames, latestAttributesScope } from "@xid/protocol";
import Provider, { type Client, type Configuration, errors, type KoaContextWithOIDC } from "oidc-provider";
import { verificationMetadata } from "../attributes/describe-verification.ts";
import type { Config } from "../config.ts";
import type { Handler, Routes } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { sessionIdOf } from "../session/start-session.ts";
import type { OpenDatabase } from "../store/database.ts";
import { AlreadyUsed, createOidcAdapter } from "../store/oidc-adapter.ts";
import { apiAudience } from "./access-token.ts";
import { presentationClaim, statusClaimName, toAccount } from "./account.ts";
import { acrValues, assertReachableAcr } from "./acr.ts";
import { clientSignatures, contentEncryptions, keyEncryptions, providerSignatures } from "./algorithms.ts";
import { goesEndToEnd } from "./asked.ts";
import { redirectFormToQuery } from "./authorization-post.ts";
import { accountOfHint, backChannel } from "./back-channel/back-channel.ts";
import { adaptClientSchema } from "./back-channel/clients.ts";
import { fetchingTime, lifetimeOf } from "./back-channel/lifetime.ts";
import { settleWhenFound } from "./back-channel/settle.ts";
import { assertItemClaims } from "./claims-parameter.ts";
import { checkClientMetadata, extraClientMetadata } from "./client-metadata.ts";
import { profileOf } from "./client-profile.ts";
import { detailTypesOf, kindOf } from "./detail/detail-types.ts";
import { interactionPolicy } from "./interaction-policy.ts";
import type { ProviderKeys } from "./keys.ts";
import { endNamedSession } from "./logout/end-named-session.ts";
import { logoutUriOf } from "./logout/logout-clients.ts";
import { renderErrorPage, renderSignedOutPage } from "./pages/provider-pages.ts";
import { readLargeBodies } from "./pushed-request-body.ts";
import { assertRequestObject } from "./request-object.ts";
import { Subjects } from "./subjects.ts";

const providerRoutes = {
  authorization: "/authorize",
  backchannel_authentication: "/bc-authorize",
  end_session: "/logout",
  introspection: "/introspect",
  jwks: "/jwks",
  pushed_authorization_request: "/par",
  registration: "/register",
  revocation: "/revoke",
  token: "/token",
  userinfo: "/userinfo",
} as const;

/** These paths and what lies below them are the provider's. */
export const providerPaths: readonly string[] = [
  "/.well-known/openid-configuration",
  "/.well-known/oauth-authorization-server",
  ...Object.values(providerRoutes),
];

/** What the provider does not take itself, or not as it comes. */
export function providerForms(provider: Handler): Routes["forms"] {
  return {
    [providerRoutes.authorization]: redirectFormToQuery,
    [providerRoutes.pushed_authorization_request]: readLargeBodies(provider),
    [providerRoutes.backchannel_authentication]: readLargeBodies(provider),
  };
}

const minute = 60;
const day = 86_400;

/** In seconds. An access token without `offline_access` is good for the answer to this one sign-in. */
const lifetimes = { code: minute, accessToken: 10 * minute, refreshToken: 90 * day, consent: 365 * day };

/** How far apart the clocks of two machines may be, in seconds. */
const clockTolerance = 15;

/**
 * The OpenID Provider: `oidc-provider` with everything off that we do not offer, and its defaults tightened.
 * `provider.callback()` takes node:http requests; see http/server.ts for what must be done to them before.
 */
export function createProvider(
  platform: Platform,
  { statements, unsyncedStatements }: Pick<OpenDatabase, "statements" | "unsyncedStatements">,
  keys: ProviderKeys,
): Provider {
  const { config, sealer, clock } = platform;
  const subjects = new Subjects(platform, keys.pairwise);
  const provider = new Provider(config.issuer, {
    adapter: createOidcAdapter({ statements, unsyncedStatements, sealer, clock }),
    ...offered(platform, keys, subjects),
    ...policies(platform, subjects),
  });
  // Our issuer's scheme is known; http/server.ts states it in X-Forwarded-Proto.
  provider.proxy = true;
  reportReplays(provider);
  adaptClientSchema(provider);
  settleWhenFound(platform, provider);
  provider.use(correctMetadata);
  provider.use(endNamedSession(platform, subjects));
  provider.on("server_error", (context, error) => {
    platform.log.error({ err: error, route: context.oidc?.route }, "the OpenID Provider failed");
  });
  return provider;
}

function offered(platform: Platform, keys: ProviderKeys, subjects: Subjects): Configuration {
  const { config } = platform;
  const sandbox = config.profile === "sandbox";
  const prefix = config.issuer.startsWith("https:") ? "__Secure-xid" : "xid";
  return {
    routes: providerRoutes,
    jwks: keys.jwks,
    scopes: ["openid", "offline_access", latestAttributesScope, ...clientScopes],
    claims: {
      // In every ID token: how and when the resident was verified.
      openid: ["sub", "acr", "amr", "auth_time", "txn", "sid", statusClaimName, presentationClaim],
      ...Object.fromEntries([...itemNames, ...companionNames].map((name) => [name, null])),
      name: ["name", "name_characters"],
      birthdate: ["birthdate"],
      gender: ["gender"],
      address: ["address", "address_characters"],
      iss: null,
      verified_claims: null,
    },
    acrValues: [...acrValues],
    subjectTypes: ["pairwise"],
    responseTypes: ["code"],
    clientAuthMethods: ["private_key_jwt", "client_secret_basic", "none"],
    clientDefaults: {
      grant_types: ["authorization_code"],
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_basic",
      id_token_signed_response_alg: "ES256",
      authorization_signed_response_alg: "ES256",
      introspection_signed_response_alg: "ES256",
    },
    enabledJWA: {
      clientAuthSigningAlgValues: [...clientSignatures],
      requestObjectSigningAlgValues: [...clientSignatures],
      dPoPSigningAlgValues: [...clientSignatures],
      idTokenSigningAlgValues: [...providerSignatures],
      userinfoSigningAlgValues: [...providerSignatures],
      authorizationSigningAlgValues: [...providerSignatures],
      introspectionSigningAlgValues: [...providerSignatures],
      idTokenEncryptionAlgValues: [...keyEncryptions],
      userinfoEncryptionAlgValues: [...keyEncryptions],
      authorizationEncryptionAlgValues: [...keyEncryptions],
      introspectionEncryptionAlgValues: [...keyEncryptions],
      idTokenEncryptionEncValues: [...contentEncryptions],
      userinfoEncryptionEncValues: [...contentEncryptions],
      authorizationEncryptionEncValues: [...contentEncryptions],
      introspectionEncryptionEncValues: [...contentEncryptions],
      // Requests come by PAR, over TLS: nobody on the way could read them.
      requestObjectEncryptionAlgValues: [],
      requestObjectEncryptionEncValues: [],
    },
    features: {
      devInteractions: { enabled: false },
      // Off but for what the library wants of it with authorization_details: our own API is where they lead. A token that
      // has `openid` stays one for UserInfo and for that API, without `aud`.
      resourceIndicators: {
        enabled: true,
        defaultResource: async ({ oidc: { params } }) =>
          params?.authorization_details !== undefined || params?.grant_type === "client_credentials"
            ? apiAudience(config.issuer)
            : undefined,
        getResourceServerInfo: ({ oidc: { params } }, resource, client) => {
          if (resource !== apiAudience(config.issuer)) throw new errors.InvalidTarget("there is no such resource");
          const scope = params?.grant_type === "client_credentials" ? registeredScopes(config, client).join(" ") : "";
          return { scope, accessTokenFormat: "opaque" };
        },
      },
      ciba: backChannel(platform, subjects),
      clientCredentials: { enabled: true },
      claimsParameter: {
        enabled: true,
        assertClaimsParameter: (context, claims) => assertClaimsParameter(platform, context, claims),
      },
      dPoP: { enabled: true },
      encryption: { enabled: true },
      introspection: { enabled: true, allowedPolicy: ownTokensOnly },
      jwtIntrospection: { enabled: true },
      jwtResponseModes: { enabled: true },
      jwtUserinfo: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      registration: { enabled: sandbox },
      requestObjects: { enabled: true, assertJwtClaimsAndHeader: assertRequestObject },
      revocation: { enabled: true },
      richAuthorizationRequests: {
        enabled: true,
        types: detailTypesOf(platform),
        // What stands in the grant came there when the resident had approved (complete.ts).
        authorizationDetailsForGrantSource: (context) => context.oidc.entities.Grant?.rar,
        authorizationDetailsForAccessToken: (_context, _token, source) =>
          source && "rar" in source ? source.rar : undefined,
        authorizationDetailsForIntrospection: (_context, token) => token.rar,
      },
      // Nobody stays signed in here, so signing out asks nothing and leads straight back.
      rpInitiatedLogout: { enabled: true, postLogoutSuccessSource: renderSignedOutPage },
    },
    discovery: {
      ...verificationMetadata,
      claims_in_verified_claims_supported: [...itemNames],
      prompt_values_supported: ["none", ...interactionPolicy().map(({ name }) => name)],
      ui_locales_supported: ["ja", "en"],
      claims_parameter_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    },
    extraClientMetadata: {
      properties: [...extraClientMetadata],
      validator: (_context, key, _value, metadata) => {
        if (key === extraClientMetadata[0]) checkClientMetadata(config, metadata);
      },
    },
    cookies: {
      keys: keys.cookies,
      names: { session: `${prefix}_session`, interaction: `${prefix}_interaction`, resume: `${prefix}_resume` },
      short: { httpOnly: true, sameSite: "lax", signed: true },
      // Only signing out has a session, so no other path is sent its cookie.
      long: { httpOnly: true, sameSite: "lax", signed: true, path: providerRoutes.end_session },
    },
    pairwiseIdentifier: (_context, accountId, client) => subjects.of(client, accountId),
    renderError: renderErrorPage,
  };
}

function policies(platform: Platform, subjects: Subjects): Configuration {
  const { config } = platform;
  return {
    clockTolerance,
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS,
    findAccount: async (context, id, token) => {
      const accountId = await accountOfHint(subjects, context, id);
      if (accountId === undefined) return undefined;
      const { client } = context.oidc;
      const grantId = grantOf(token);
      return toAccount(platform, accountId, {
        endToEnd: goesEndToEnd(client),
        receivesCertificates: client?.xid_receives_certificates === true,
        hearsOfChanges: client?.xid_identity_change_policy === "warn",
        grantId,
        sid: sessionOf(context, grantId),
      });
    },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}`, policy: interactionPolicy() },
    // Each authorization is approved anew, so a grant is never looked for in an earlier one.
    loadExistingGrant: async (context) => {
      const grantId = context.oidc.result?.consent?.grantId;
      return grantId === undefined ? undefined : context.oidc.provider.Grant.find(grantId);
    },
    expiresWithSession: () => false,
    issueRefreshToken: (_context, client, code) =>
      client.grantTypeAllowed("refresh_token") && code.scopes.has("offline_access"),
    // FAPI 2.0 Security Profile §5.3.2.1: a refresh token bound to a key stays as it is, so that a lost answer ends nothing.
    rotateRefreshToken: (context) => context.oidc.client === undefined || profileOf(context.oidc.client) === undefined,
    assertJwtClientAuthClaimsAndHeader: assertClientAssertion,
    extraParams: { dpop_jkt: (_context, value) => assertThumbprint(value) },
    ttl: {
      AccessToken: lifetimes.accessToken,
      AuthorizationCode: lifetimes.code,
      BackchannelAuthenticationRequest: ({ oidc }) =>
        lifetimeOf(platform, oidc.params?.requested_expiry) + fetchingTime,
      ClientCredentials: lifetimes.accessToken,
      Grant: (_context, grant) =>
        grant.getOIDCScope().split(" ").includes("offline_access") ? lifetimes.consent : 2 * lifetimes.accessToken,
      IdToken: lifetimes.accessToken,
      Interaction: config.requestLifetime + minute,
      RefreshToken: lifetimes.refreshToken,
      Session: 10 * minute,
    },
    // For jwks_uri and sector_identifier_uri of clients.
    fetch: (url, options) => fetchOfClient(config, url, options),
    fetchResponseBodyLimits: { jwks_uri: 65_536, sector_identifier_uri: 65_536 },
  };
}

/** Of the API's scopes, those a client may have in its own name. One that was registered without any has all of the sandbox's. */
export function registeredScopes({ profile }: Pick<Config, "profile">, { scope }: Pick<Client, "scope">): string[] {
  if (scope === undefined) return profile === "sandbox" ? [...clientScopes] : [];
  const registered = scope.split(" ");
  return clientScopes.filter((name) => registered.includes(name));
}

/** The library's dispatcher connects to no address that is not public; relying parties of the sandbox are on this machine. */
function fetchOfClient({ profile }: Pick<Config, "profile">, url: string | URL | Request, options?: RequestInit) {
  const { dispatcher, ...rest } = { dispatcher: undefined, ...options };
  const bounded = { ...rest, redirect: "error", signal: AbortSignal.timeout(2500) } as const;
  return fetch(url, profile === "sandbox" ? bounded : ({ ...bounded, dispatcher } as RequestInit));
}

/** RFC 7523bis: the issuer alone is the audience; and no critical header that we would have to understand. */
function assertClientAssertion(
  context: KoaContextWithOIDC,
  claims: Record<string, unknown>,
  header: Record<string, unknown>,
): void {
  const { issuer } = context.oidc;
  const now = Date.now() / 1000;
  const refuse = (why: string): never => {
    throw new errors.InvalidClientAuth(why);
  };
  if (claims.aud !== issuer) refuse("the issuer must be the only audience (aud) of a client assertion");
  if (header.crit !== undefined) refuse("a client assertion has no critical headers");
  if (header.kid !== undefined && typeof header.kid !== "string") refuse("kid must be text");
  if (typeof claims.jti !== "string" || claims.jti.length > 256) refuse("jti must be text of at most 256 characters");
  if (typeof claims.exp !== "number" || claims.exp > now + 10 * minute) refuse("exp is too far away");
  if (typeof claims.iat === "number" && claims.iat > now + clockTolerance) refuse("iat is in the future");
}

function assertClaimsParameter(platform: Pick<Platform, "sealer">, context: KoaContextWithOIDC, claims: object): void {
  assertItemClaims(platform, claims);
  // As it is from here on, also where it was pushed before.
  context.oidc.params!.claims = JSON.stringify(claims);
  const { acr } = (claims as { id_token?: { acr?: Record<string, unknown> | null } }).id_token ?? {};
  assertReachableAcr(acr, kindOf(context.oidc.params?.authorization_details));
}

function assertThumbprint(value: string | undefined): void {
  if (value !== undefined && !/^[A-Za-z0-9_-]{43}$/.test(value)) {
    throw new errors.InvalidRequest("dpop_jkt must be a JWK SHA-256 thumbprint");
  }
}

/** Browsers may call from where a public client lives; for confidential clients there is no reason to. */
function clientBasedCORS(_context: KoaContextWithOIDC, origin: string, client: Client): boolean {
  if (client.clientAuthMethod !== "none" || origin === "null") return false;
  return (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin);
}

function ownTokensOnly(context: KoaContextWithOIDC, client: Client, token: { clientId?: string | undefined }): boolean {
  return client.clientAuthMethod !== "none" && token.clientId === context.oidc.client?.clientId;
}

/** Of the grant that a token is issued for, where the client wants to know when it ends. */
function sessionOf({ oidc }: KoaContextWithOIDC, grantId: string | undefined): string | undefined {
  const wanted = oidc.client !== undefined && logoutUriOf(oidc.client) !== undefined;
  return wanted && grantId !== undefined ? sessionIdOf(grantId) : undefined;
}

/** RFC 8414 §3.2: metadata with no values are left out. And the library announces user codes with the back channel. */
async function correctMetadata(context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  if (context.oidc?.route !== "discovery") return;
  const body = context.body as Record<string, unknown>;
  for (const [name, value] of Object.entries(body)) if (Array.isArray(value) && value.length === 0) delete body[name];
  body.backchannel_user_code_parameter_supported = false;
}

/** Our storage refuses the second use while it writes the first; the library wants to be told so. */
function reportReplays(provider: Provider): void {
  const { ReplayDetection } = provider;
  const unique = ReplayDetection.unique.bind(ReplayDetection);
  ReplayDetection.unique = async (iss, jti, exp) => {
    try {
      return await unique(iss, jti, exp);
    } catch (error) {
      if (error instanceof AlreadyUsed) return false;
      throw error;
    }
  };
}

/** Of an access token, a code or a refresh token. */
function grantOf(token: unknown): string | undefined {
  const { grantId } = (token ?? {}) as { grantId?: unknown };
  return typeof grantId === "string" ? grantId : undefined;
}
