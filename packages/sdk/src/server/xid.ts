import { createHash, timingSafeEqual } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import {
  ClientEvidence,
  type DocumentState,
  EvidenceFile,
  IdentityStatus,
  latestAttributesScope,
  RequestResult,
} from "@xid/protocol";
import { decodeJwt, type JWK } from "jose";
import {
  authorizationCodeGrant,
  buildAuthorizationUrlWithJAR,
  buildAuthorizationUrlWithPAR,
  buildEndSessionUrl,
  calculatePKCECodeChallenge,
  fetchUserInfo,
  type IDToken,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
} from "openid-client";
import { z } from "zod";
import { createApi } from "./api.ts";
import {
  type Approval,
  askForApproval,
  lookForApproval,
  nonceOfApproval,
  type PendingApproval,
  readAnnouncement,
} from "./approval.ts";
import { type Assurance, requestAssurance, verifyAssurance } from "./assurance.ts";
import { isEncrypted } from "./bounded-fetch.ts";
import { type CardSignature, readCardSignature } from "./card-signature.ts";
import { checkUrl } from "./check-url.ts";
import { type ClientOptions, type Connection, createClient } from "./client.ts";
import { type ContinuityCalls, continuityCalls } from "./continuity.ts";
import {
  type DocumentOrder,
  type DocumentSignature,
  type DocumentToSign,
  deleteOrdered,
  downloadDocument,
  orderDocument,
  readDocumentSignature,
  readDocumentState,
} from "./document-signature.ts";
import { type Claims, type ItemRequest, nameOf, parseClaims, requestItems } from "./items.ts";
import { type LoggedOut, verifyLogoutToken } from "./logout-token.ts";
import { confirmHandOver, fetchHandOver } from "./my-number.ts";
import { type OpenedMyNumber, type OpeningKeys, openMyNumber, type ReceivedHandOver } from "./open-my-number.ts";
import { fetchIssuerKeys, type OpenedPresentation, openPresentation } from "./open-presentation.ts";
import { openTransaction, sealTransaction, type Transaction } from "./transaction.ts";
import { translateError } from "./translate-error.ts";
import {
  parseVerifiedClaims,
  requestVerifiedClaims,
  type VerifiedClaims,
  type VerifiedClaimsOrder,
} from "./verified-claims.ts";
import { type SecurityEvent, verifySecurityEvent } from "./verify-security-event.ts";
import { createWebhooks, type Webhooks } from "./webhooks.ts";
import { type Asked, type Expectation, toDetails } from "./what-is-asked.ts";
import { XidError } from "./xid-error.ts";

export type XidOptions = ClientOptions & {
  /** Seconds between `start` and `finish`; 900 unless told. */
  lifetime?: number;
  /** Milliseconds since 1970. */
  clock?: () => number;
};

export type StartOptions = Asked &
  Assurance & {
    /** Items without which there is no result. */
    required?: readonly ItemRequest[];
    /** Items that the person may leave out. */
    optional?: readonly ItemRequest[];
    /** Whether the person is asked, apart from the items, to let this service be told when these change. */
    latestAttributes?: boolean;
    /** What is to come with the story of its verification; not where items come end to end. */
    verifiedClaims?: VerifiedClaimsOrder;
    /**
     * `create` and `select_account` for a page that is meant for them; whatever it says, the person is asked in their app.
     * There is no silent sign-in: `none` is refused.
     */
    prompt?: "login" | "consent" | "select_account" | "create";
    /** Languages of the sign-in page, best first. */
    uiLocales?: readonly ("ja" | "en")[];
  };

export type Started = {
  /** Where to send the browser. Good for about a minute. */
  url: string;
  /** To keep in this browser's session and to give to `finish` once. Opaque, encrypted, under 1 kB. */
  transaction: string;
  /** Comes back in the callback: tells the transactions of several tabs apart. */
  state: string;
};

/** A person who has just approved with the key of their device. */
export type Verified = {
  /** The same person has the same subject at this relying party, always; another one elsewhere. */
  subject: string;
  claims: Claims;
  idTokenClaims: IDToken;
  /** How the person was verified, such as `urn:xid:acr:card-enrolled-device`. */
  acr: string | undefined;
  /** RFC 8176 */
  amr: readonly string[];
  /** When the person approved. */
  authenticatedAt: Date | undefined;
  /** Whether the person has agreed that this service is told when the items change. */
  latestAttributes: boolean;
  /**
   * Whether something has changed since the person last read their card, such as a move; undefined where the registration's
   * `identityChangePolicy` lets nobody sign in of whom it has.
   */
  identityStatus?: "unchanged" | "changed" | "unknown";
  /** Of the request that the person approved: for `request` and `evidence`. */
  requestId: string | undefined;
  /** What `start` asked to be vouched for; absent where the provider could not. */
  verifiedClaims?: VerifiedClaims;
  /** What the person's device has presented, where the items come end to end: `claims` are of it. */
  presentation?: OpenedPresentation;
  /** Names this sign-in when it has ended at the provider, where `registration.logoutUri` is given. */
  sessionId?: string;
  /** What was signed, where `start` asked for it. */
  cardSignature?: CardSignature;
  /** What was signed with the key of the device, where `start` asked for it. */
  documentSignature?: DocumentSignature;
  /** The envelope with the My Number, where `start` asked for it: for `openMyNumber`, here or on another machine. */
  handOver?: ReceivedHandOver;
  tokens: Tokens;
};

/** Of a `Verified`; without its ID token nothing that came end to end can be read again. */
type Signed = Pick<Verified, "subject" | "tokens"> & Partial<Pick<Verified, "idTokenClaims">>;

export type Tokens = {
  /** Bound to this client's DPoP key: useless to others. */
  accessToken: string;
  idToken: string;
  /** Seconds. */
  expiresIn: number | undefined;
};

export type Xid = ContinuityCalls & {
  /** Begins a sign-in, or a signature with the card (pushed authorization request). */
  start(options?: StartOptions): Promise<Started>;
  /**
   * Ends it: checks the callback against the transaction and redeems the code. `callback` is the URL that the browser
   * opened, whole or from the path on. Forget the transaction before calling: it serves once.
   */
  finish(callback: string | URL, transaction: string | undefined): Promise<Verified>;
  /**
   * Sends a request to a person who has signed in here before; it waits in their app. `registration.backChannel` is needed.
   * NOT_LINKED where they are not linked any more, ACCESS_DENIED where they take no more requests of this service.
   */
  requestApproval(approval: Approval): Promise<PendingApproval>;
  /** What became of it: undefined while the person has not decided. Gives a result once. */
  approval(pending: string): Promise<Verified | undefined>;
  /** Asks until the person has decided, or `signal` ends it. */
  awaitApproval(pending: string, options?: { signal?: AbortSignal }): Promise<Verified>;
  /**
   * The `id` of the request whose result is there, from a call to `announceTo`: its `Authorization` header and its body.
   * Throws ANNOUNCEMENT_UNTRUSTED. Answer it with 204.
   */
  readAnnouncement(authorization: string | undefined, body: string): Promise<string>;
  /** The items again, while the access token lives. */
  userInfo(verified: Signed): Promise<Claims>;
  /**
   * Opens the hand-over of `finish` with this client's own key, verifies it, and tells the platform to delete it. Throws as
   * the function `openMyNumber` does.
   */
  openMyNumber(
    verified: Pick<Verified, "handOver" | "tokens">,
    trust: Pick<OpeningKeys, "authorities">,
  ): Promise<OpenedMyNumber>;
  /**
   * Makes something that people can sign with the keys of their devices: hands a PDF in and plans who signs it, or takes the
   * digest of other data. Give what it returns to `start` or `requestApproval` of each signer.
   */
  signDocument(what: DocumentToSign): Promise<DocumentOrder>;
  /** Who has signed a PDF, and what was found of the signatures. */
  documentState(order: DocumentOrder): Promise<DocumentState>;
  /** The PDF as it is now, with all signatures; `verifySignedPdf` validates it independently of the platform. */
  downloadSigned(order: DocumentOrder): Promise<Uint8Array>;
  /** Deletes a PDF at the platform. What was downloaded, and the evidence, stay. */
  deleteDocument(order: DocumentOrder): Promise<void>;
  /**
   * Which sign-in has ended, from a call to `logoutUri`: the `logout_token` of its form. End the session with that
   * `sessionId` and answer 200; on LOGOUT_TOKEN_INVALID answer 400.
   */
  verifyLogoutToken(token: string | null | undefined): Promise<LoggedOut>;
  /**
   * The evidence of an act, asked in the relying party's own name: to be kept, and checked offline by `@xid/sdk/evidence` or `xid evidence
   * verify`. Of a card signature the whole record where the law lets this relying party have certificates, else what it received.
   * By its id at any time, by its request for a day. `log` in it is null while the log does not hold it yet: ask again in a moment.
   */
  evidence(act: string | { requestId: string | undefined }): Promise<EvidenceFile | ClientEvidence>;
  /** What became of a request, asked in the relying party's own name: also long after its tokens have ended. */
  request(requestId: string): Promise<RequestResult>;
  /** Where events go, and what became of them. `verifyWebhook` checks what arrives. */
  webhooks: Webhooks;
  /** What stands in a security event token, if it is for us: see the function of this name. */
  verifySecurityEvent(token: string): Promise<SecurityEvent>;
  /** Where to send the browser to leave the provider too (RP-Initiated Logout 1.0). */
  signOutUrl(options?: { idToken?: string; returnTo?: string }): Promise<string>;
  /** Discovers and registers now rather than at the first `start`. */
  prepare(): Promise<void>;
  /** The client's public keys, for `jwksUri` or a registration by hand. */
  publicJwks(): Promise<{ keys: JWK[] }>;
};

/**
 * The relying party's half of xID: code flow with PAR, PKCE, DPoP and `private_key_jwt` (ES256), checked by
 * openid-client. Everything fails with an `XidError`. Throws a TypeError at once on settings that cannot work.
 */
export function createXid(options: XidOptions): Xid {
  const redirectUri = checkUrl("redirectUri", options.redirectUri).href;
  checkUrl("issuer", options.issuer);
  const client = createClient(options);
  const api = createApi(client);
  const clock = options.clock ?? Date.now;
  const lifetime = (options.lifetime ?? 900) * 1000;

  async function push(connection: Connection, parameters: Record<string, string>): Promise<URL> {
    const send = async ({ configuration, dpop, requestKey }: Connection) => {
      const request = requestKey
        ? (await buildAuthorizationUrlWithJAR(configuration, parameters, requestKey)).searchParams
        : parameters;
      return buildAuthorizationUrlWithPAR(configuration, request, { DPoP: dpop });
    };
    try {
      return await send(connection);
    } catch (error) {
      const { code, oauthError } = translateError(error);
      const renewed = oauthError === "invalid_client" ? await client.registerAgain(connection) : undefined;
      // A kept connection that the provider has just closed fails once; nothing is bound to the request yet.
      if (!renewed && code !== "UNREACHABLE") throw error;
      return await send(renewed ?? connection);
    }
  }

  async function start(options: StartOptions = {}): Promise<Started> {
    const { required = [], optional = [], uiLocales = ["ja"], verifiedClaims, latestAttributes } = options;
    const { acr, maxAge, subject, prompt } = options;
    const details = toDetails(options);
    const connection = await client.connect();
    const state = randomState();
    const nonce = randomNonce();
    const codeVerifier = randomPKCECodeVerifier();
    const items = requestItems(required, optional, verifiedClaims && requestVerifiedClaims(verifiedClaims));
    const assurance: Assurance = {
      ...(acr !== undefined && { acr }),
      ...(maxAge !== undefined && { maxAge }),
      ...(subject !== undefined && { subject }),
    };
    const url = await push(connection, {
      redirect_uri: redirectUri,
      ...items,
      ...(latestAttributes && { scope: `${items.scope} ${latestAttributesScope}` }),
      ...requestAssurance(assurance, items.claims),
      ...(prompt && { prompt }),
      ...details.parameters,
      ui_locales: uiLocales.join(" "),
      code_challenge: await calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: "S256",
      state,
      nonce,
    });
    const transaction = {
      state,
      nonce,
      codeVerifier,
      required: required.map(nameOf),
      ...details.expected,
      assurance,
      startedAt: clock(),
    };
    return { url: url.href, transaction: await sealTransaction(transaction, connection.transactionKey), state };
  }

  async function finish(callback: string | URL, sealed: string | undefined): Promise<Verified> {
    const connection = await client.connect();
    const { configuration, dpop, transactionKey } = connection;
    const transaction = await openTransaction(sealed, transactionKey, clock(), lifetime);
    const url = new URL(redirectUri);
    url.search = new URL(callback, redirectUri).search;
    const parameters = connection.requestKey ? readSignedResponse(url.searchParams) : url.searchParams;
    checkState(parameters, transaction.state);
    checkIssuer(parameters, configuration.serverMetadata().issuer);
    const checks = {
      expectedState: transaction.state,
      expectedNonce: transaction.nonce,
      pkceCodeVerifier: transaction.codeVerifier,
    };
    const answer = await authorizationCodeGrant(configuration, url, checks, {}, { DPoP: dpop });
    return toVerified(connection, answer, transaction);
  }

  async function requestApproval(approval: Approval): Promise<PendingApproval> {
    const connection = await client.connect();
    try {
      return await askForApproval(connection, approval, clock());
    } catch (error) {
      const renewed =
        translateError(error).oauthError === "invalid_client" ? await client.registerAgain(connection) : undefined;
      if (!renewed) throw error;
      return askForApproval(renewed, approval, clock());
    }
  }

  async function approval(pending: string): Promise<Verified | undefined> {
    const connection = await client.connect();
    const { answer, asked } = await lookForApproval(connection, pending);
    return answer && toVerified(connection, answer, { ...asked, nonce: nonceOfApproval(asked) });
  }

  async function awaitApproval(pending: string, { signal }: { signal?: AbortSignal } = {}): Promise<Verified> {
    const connection = await client.connect();
    for (;;) {
      const { answer, asked } = await lookForApproval(connection, pending);
      if (answer) return toVerified(connection, answer, { ...asked, nonce: nonceOfApproval(asked) });
      await setTimeout(asked.interval * 1000, undefined, { signal });
    }
  }

  async function toVerified(connection: Connection, answer: Answer, expected: Expected): Promise<Verified> {
    const signedIn = verifyTokens(connection, answer);
    verifyAssurance(signedIn.idTokenClaims, expected.assurance ?? {}, clock());
    const items = await readUserInfo(connection, signedIn.subject, signedIn.tokens, expected.nonce);
    const missing = expected.required.filter((item) => items.claims[item] === undefined);
    if (missing.length > 0) throw new XidError("CLAIMS_MISSING", `not given: ${missing.join(", ")}`, { missing });
    const { digest, document, myNumber } = expected;
    const cardSignature = digest === undefined ? undefined : await readCardSignature(connection, answer, digest);
    return {
      ...signedIn,
      ...items,
      ...(cardSignature && { cardSignature }),
      ...(document && { documentSignature: await readDocumentSignature(connection, answer, document) }),
      ...(myNumber && { handOver: await fetchHandOver(connection, answer, myNumber) }),
    };
  }

  async function userInfo({ subject, tokens, idTokenClaims }: Signed): Promise<Claims> {
    return (await readUserInfo(await client.connect(), subject, tokens, String(idTokenClaims?.nonce))).claims;
  }

  async function readUserInfo(
    { configuration, dpop }: Connection,
    subject: string,
    tokens: Tokens,
    nonce: string,
  ): Promise<Pick<Verified, "claims" | "presentation" | "verifiedClaims">> {
    const answer = await fetchUserInfo(configuration, tokens.accessToken, subject, { DPoP: dpop });
    if (options.delivery === undefined) return { claims: parseClaims(answer), ...parseVerifiedClaims(answer) };
    // Nothing in the clear counts: only what the person's device has presented to us.
    const { xid_presentation: envelope } = answer;
    if (envelope === undefined) return { claims: {} };
    const { issuer } = configuration.serverMetadata();
    const presentation = await openPresentation(String(envelope), {
      keys: await client.decryptionKeys(),
      issuerKeys: await fetchIssuerKeys(issuer),
      issuer,
      audience: configuration.clientMetadata().client_id,
      nonce,
      now: clock(),
    });
    return { claims: presentation.claims, presentation };
  }

  async function request(requestId: string): Promise<RequestResult> {
    return api.json(
      { method: "GET", path: `/requests/${encodeURIComponent(requestId)}`, scope: "requests" },
      RequestResult,
    );
  }

  async function evidence(act: string | { requestId: string | undefined }): Promise<EvidenceFile | ClientEvidence> {
    const id = typeof act === "string" ? act : (await request(act.requestId ?? "")).evidenceId;
    if (id === null) throw new XidError("RESPONSE_INVALID", "the request has no evidence yet");
    const path = `/evidence/${encodeURIComponent(id)}`;
    return api.json({ method: "GET", path, scope: "evidence" }, z.union([EvidenceFile, ClientEvidence]));
  }

  async function open(
    { handOver, tokens }: Pick<Verified, "handOver" | "tokens">,
    { authorities }: Pick<OpeningKeys, "authorities">,
  ): Promise<OpenedMyNumber> {
    if (!handOver) throw new TypeError("no My Number was asked for");
    const opened = await openMyNumber(handOver, { keys: await client.decryptionKeys(), authorities });
    await confirmHandOver(await client.connect(), tokens.accessToken, handOver);
    return opened;
  }

  async function signOutUrl({ idToken, returnTo }: { idToken?: string; returnTo?: string } = {}): Promise<string> {
    const { configuration } = await client.connect();
    const parameters: Record<string, string> = {};
    if (idToken) parameters.id_token_hint = idToken;
    if (returnTo) parameters.post_logout_redirect_uri = returnTo;
    return buildEndSessionUrl(configuration, parameters).href;
  }

  return {
    start: translated(start),
    finish: translated(finish),
    requestApproval: translated(requestApproval),
    approval: translated(approval),
    awaitApproval: translated(awaitApproval),
    readAnnouncement: translated(async (authorization: string | undefined, body: string) =>
      readAnnouncement(await client.connect(), authorization, body),
    ),
    userInfo: translated(userInfo),
    openMyNumber: translated(open),
    signDocument: translated((what: DocumentToSign) => orderDocument(api, what)),
    documentState: (order) => readDocumentState(api, order),
    downloadSigned: (order) => downloadDocument(api, order),
    deleteDocument: (order) => deleteOrdered(api, order),
    verifyLogoutToken: translated(async (token: string | null | undefined) =>
      verifyLogoutToken(await client.connect(), token, client.decryptionKeys),
    ),
    webhooks: createWebhooks(api),
    verifySecurityEvent: translated(async (token: string) => verifySecurityEvent(await client.connect(), token)),
    ...continuityCalls(api, (milliseconds) => setTimeout(milliseconds)),
    evidence,
    request,
    signOutUrl: translated(signOutUrl),
    prepare: translated(async () => {
      await client.connect();
    }),
    publicJwks: translated(client.publicJwks),
  };
}

type Answer = TokenEndpointResponse & TokenEndpointResponseHelpers;

type Expected = Expectation & Pick<Transaction, "required" | "nonce" | "assurance">;

/** Who has approved and how, by the tokens. */
function verifyTokens(
  { encrypted }: Connection,
  answer: Answer,
): Omit<Verified, "claims" | "verifiedClaims" | "presentation"> {
  const idTokenClaims = answer.claims();
  if (!idTokenClaims || !answer.id_token) throw new XidError("RESPONSE_INVALID", "no ID token");
  if (encrypted && !isEncrypted(answer.id_token)) {
    throw new XidError("RESPONSE_INVALID", "the ID token did not come encrypted");
  }
  checkAccessTokenHash(idTokenClaims, answer.access_token);
  if (answer.token_type !== "dpop") throw new XidError("RESPONSE_INVALID", "the access token is not bound to our key");
  const tokens = { accessToken: answer.access_token, idToken: answer.id_token, expiresIn: answer.expires_in };
  const subject = idTokenClaims.sub;
  const { sid } = idTokenClaims;
  const session = typeof sid === "string" ? { sessionId: sid } : {};
  const latestAttributes = answer.scope?.split(" ").includes(latestAttributesScope) ?? false;
  const status = IdentityStatus.shape.status.safeParse(idTokenClaims.xid_identity_status).data;
  const continuity = { latestAttributes, ...(status && { identityStatus: status }) };
  return { subject, idTokenClaims, ...authentication(idTokenClaims), ...session, ...continuity, tokens };
}

/** OpenID Connect Core 3.1.3.8, where there is one; our ID tokens are signed with ES256. */
function checkAccessTokenHash({ at_hash: given }: IDToken, accessToken: string): void {
  if (given === undefined) return;
  const expected = createHash("sha256").update(accessToken).digest().subarray(0, 16).toString("base64url");
  if (given !== expected) throw new XidError("RESPONSE_INVALID", "the ID token belongs to another access token");
}

function authentication(claims: IDToken): Pick<Verified, "acr" | "amr" | "authenticatedAt" | "requestId"> {
  const { acr, amr, auth_time: authTime, txn } = claims;
  return {
    acr: typeof acr === "string" ? acr : undefined,
    amr: Array.isArray(amr) ? amr.filter((method) => typeof method === "string") : [],
    authenticatedAt: typeof authTime === "number" ? new Date(authTime * 1000) : undefined,
    requestId: typeof txn === "string" ? txn : undefined,
  };
}

/** What a signed response says (JARM §2.1), before its signature, audience and end are verified with the code's redemption. */
function readSignedResponse(callback: URLSearchParams): URLSearchParams {
  const [response, ...more] = callback.getAll("response");
  if (response === undefined || more.length > 0) throw new XidError("RESPONSE_INVALID", "the response is not signed");
  try {
    return new URLSearchParams(decodeJwt(response) as Record<string, string>);
  } catch (cause) {
    throw new XidError("RESPONSE_INVALID", "the response is no JWT", { cause });
  }
}

/** RFC 6749 §10.12 */
function checkState(callback: URLSearchParams, expected: string): void {
  const given = callback.getAll("state");
  const [a, b] = [Buffer.from(given[0] ?? ""), Buffer.from(expected)];
  if (given.length !== 1 || a.length !== b.length || !timingSafeEqual(a, b)) {
    throw new XidError("STATE_MISMATCH", "the callback belongs to another transaction");
  }
}

/** RFC 9207 §2.4; xID always names itself. */
function checkIssuer(callback: URLSearchParams, expected: string): void {
  const given = callback.getAll("iss");
  if (given.length !== 1 || given[0] !== expected) {
    throw new XidError("ISSUER_MISMATCH", "the callback does not come from the provider that was asked");
  }
}

function translated<A extends unknown[], R>(work: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await work(...args);
    } catch (error) {
      throw translateError(error);
    }
  };
}
