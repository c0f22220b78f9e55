import { createHash, createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { SignJWT } from "jose";
import {
  genericGrantRequest,
  initiateBackchannelAuthentication,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
} from "openid-client";
import { type Assurance, requestAssurance } from "./assurance.ts";
import { type Connection, cibaGrantType } from "./client.ts";
import { type ItemName, type ItemRequest, nameOf, requestItems } from "./items.ts";
import { open, seal } from "./sealed.ts";
import { translateError } from "./translate-error.ts";
import { type Asked, type Expectation, toDetails } from "./what-is-asked.ts";
import { XidError } from "./xid-error.ts";

/** What is asked of a person who has not come here with a browser. */
export type Approval = Asked &
  Pick<Assurance, "acr"> & {
    /** Who: `subject` of an earlier sign-in. */
    subject: string;
    /** What it is about, in one line of at most 200 characters: shown to the person, who may compare it with what they hear. */
    message?: string;
    required?: readonly ItemRequest[];
    optional?: readonly ItemRequest[];
    /** Seconds that the person has, 30 to 900; five minutes unless told. */
    lifetime?: number;
  };

export type PendingApproval = {
  /** Named by the announcement of its result. */
  id: string;
  /** To keep, and to give to `approval` or `awaitApproval`. Opaque, encrypted. */
  pending: string;
  expiresAt: Date;
};

export type AskedApproval = Expectation & {
  id: string;
  assurance: Assurance;
  required: ItemName[];
  /** Seconds between two questions. */
  interval: number;
};

/** OpenID Connect CIBA 1.0 §7.3 */
const defaultInterval = 5;

/** @param now milliseconds since 1970 */
export async function askForApproval(
  connection: Connection,
  approval: Approval,
  now: number,
): Promise<PendingApproval> {
  const { subject, message, required = [], optional = [], lifetime, acr } = approval;
  const details = toDetails(approval);
  const items = requestItems(required, optional);
  const assurance: Assurance = { subject, ...(acr !== undefined && { acr }) };
  const parameters = {
    ...items,
    ...requestAssurance(assurance, items.claims),
    login_hint: subject,
    client_notification_token: announcementToken(connection),
    ...(message !== undefined && { binding_message: message }),
    ...details.parameters,
    ...(lifetime !== undefined && { requested_expiry: String(lifetime) }),
  };
  const { configuration, transactionKey } = connection;
  const answer = await initiateBackchannelAuthentication(configuration, await signed(connection, parameters));
  const asked: AskedApproval = {
    id: answer.auth_req_id,
    assurance,
    required: required.map(nameOf),
    ...details.expected,
    interval: answer.interval ?? defaultInterval,
  };
  return {
    id: asked.id,
    pending: await seal("xid-pending-approval", asked, transactionKey),
    expiresAt: new Date(now + answer.expires_in * 1000),
  };
}

/** What items that come end to end are bound to, where no browser brought a nonce: the request's id at the provider. */
export function nonceOfApproval({ id }: AskedApproval): string {
  return createHash("sha256").update(id).digest("base64url");
}

/** One look. The ID token's signature, issuer, audience and times are verified; whose it is, is for the caller. */
export async function lookForApproval(
  connection: Connection,
  pending: string,
): Promise<{ answer?: TokenEndpointResponse & TokenEndpointResponseHelpers; asked: AskedApproval }> {
  const { configuration, dpop, transactionKey } = connection;
  const asked = (await open("xid-pending-approval", pending, transactionKey)) as AskedApproval;
  try {
    const parameters = { auth_req_id: asked.id };
    return { answer: await genericGrantRequest(configuration, cibaGrantType, parameters, { DPoP: dpop }), asked };
  } catch (error) {
    const { oauthError } = translateError(error);
    if (oauthError === "authorization_pending" || oauthError === "slow_down") return { asked };
    throw error;
  }
}

/** CIBA 1.0 §10.2 */
export function readAnnouncement(connection: Connection, authorization: string | undefined, body: string): string {
  const expected = Buffer.from(`Bearer ${announcementToken(connection)}`);
  const given = Buffer.from(authorization ?? "");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new XidError("ANNOUNCEMENT_UNTRUSTED", "the announcement has another token than ours");
  }
  const id = parse(body)?.auth_req_id;
  if (typeof id !== "string") throw new XidError("ANNOUNCEMENT_UNTRUSTED", "the announcement names no request");
  return id;
}

function parse(body: string): { auth_req_id?: unknown } | undefined {
  try {
    return JSON.parse(body) as { auth_req_id?: unknown };
  } catch {
    return undefined;
  }
}

/** Ours alone, and the same for all requests, so that nothing has to be kept for it. */
function announcementToken({ transactionKey }: Connection): string {
  return createHmac("sha256", transactionKey).update("xid-announcement-v1").digest("base64url");
}

/** CIBA 1.0 §7.1.1, where requests are signed. */
async function signed(
  { configuration, requestKey }: Connection,
  parameters: Record<string, string>,
): Promise<Record<string, string>> {
  if (!requestKey) return parameters;
  const request = await new SignJWT(parameters)
    .setProtectedHeader({ alg: "ES256", kid: requestKey.kid, typ: "oauth-authz-req+jwt" })
    .setIssuer(configuration.clientMetadata().client_id)
    .setAudience(configuration.serverMetadata().issuer)
    .setIssuedAt()
    .setNotBefore("0s")
    .setExpirationTime("1m")
    .setJti(randomUUID())
    .sign(requestKey.key);
  return { request };
}
