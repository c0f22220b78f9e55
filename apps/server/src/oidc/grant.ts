import { companionNames, itemNames, latestAttributesScope } from "@xid/protocol";
import type Provider from "oidc-provider";
import { readContinuousConsent } from "../consent/continuous-consent.ts";
import type { Platform } from "../platform.ts";
import type { Approved } from "../request/engine.ts";
import { startSession } from "../session/start-session.ts";
import { toAmr } from "./account.ts";
import { reachedAcr } from "./acr.ts";
import { type AuthorizationParameters, askedItems, asksForChanges } from "./asked.ts";
import { readDetail } from "./detail/detail-types.ts";
import { logoutUriOf } from "./logout/logout-clients.ts";

type Granted = {
  requestId: string;
  clientId: string;
  approved: Approved;
  parameters: AuthorizationParameters;
};

/**
 * What a person let go, as the provider keeps it, under the id of the request: by it the request is found again, and whoever
 * saves it twice writes the same.
 */
export async function saveGrant(
  platform: Pick<Platform, "database" | "unsynced" | "clock" | "jpki">,
  provider: Provider,
  { requestId, clientId, approved, parameters }: Granted,
): Promise<InstanceType<Provider["Grant"]>> {
  const grant = new provider.Grant({ accountId: approved.accountId, clientId });
  grant.jti = requestId;
  // What is left out is recorded as rejected: the provider asks again only for what nobody has decided on.
  grant.addOIDCScope(parameters.scope ?? "");
  grant.addOIDCClaims([...itemNames, ...companionNames, "verified_claims"]);
  const asked = askedItems(parameters).map(({ name }) => name);
  const rejected = asked.filter((name) => !approved.items.includes(name));
  if (rejected.length > 0) {
    grant.rejectOIDCScope(rejected.join(" "));
    grant.rejectOIDCClaims(rejected);
  }
  // Also when the client's metadata say otherwise by the time it asks: the person was told that the platform tells nothing.
  if (approved.endToEnd) grant.rejectOIDCClaims([...itemNames, ...companionNames, "verified_claims"]);
  if (asksForChanges(parameters) && !(await readContinuousConsent(platform, approved.accountId, clientId))) {
    grant.rejectOIDCScope(latestAttributesScope);
  }
  // RFC 9396 section 7: the tokens say what became of it, and where the rest is to be read.
  const { authorization_details: details } = parameters;
  if (details !== undefined) {
    grant.addRar({ type: readDetail(details).type.type, request_id: requestId, evidence_id: approved.evidenceId });
  }
  const client = await provider.Client.find(clientId);
  await grant.save();
  if (client && logoutUriOf(client) !== undefined) {
    const { accountId, deviceId } = approved;
    await startSession(platform, { accountId, clientId, deviceId, grantId: grant.jti });
  }
  return grant;
}

/** How and when the person was verified, for the ID token. */
export function toLogin(approved: Approved): { acr: string; amr: string[]; ts: number } {
  return { acr: reachedAcr(approved), amr: toAmr(approved), ts: Math.floor(approved.decidedAt.getTime() / 1000) };
}
