import { itemNames, type LinkedServices } from "@xid/protocol";
import { listAttributeReads } from "../attributes/latest-attributes.ts";
import type { Platform } from "../platform.ts";
import { countSessions } from "../session/count-sessions.ts";
import { listContinuousConsents } from "./continuous-consent.ts";

/** More services than these are not listed. */
const maxListed = 500;

/** The services that may have something of this account, newest use first, under the name the person last saw. */
export async function listLinkedServices(
  platform: Pick<Platform, "database" | "sealer" | "jpki" | "clock">,
  accountId: string,
): Promise<LinkedServices> {
  const { database } = platform;
  const rows = await database
    .selectFrom("consents")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("revoked_at", "is", null)
    .orderBy("last_used_at", "desc")
    .limit(maxListed)
    .execute();
  const [sessions, consents, reads] = await Promise.all([
    countSessions(platform, accountId),
    listContinuousConsents(platform, accountId),
    listAttributeReads(platform, accountId),
  ]);
  const present = (clientId: string) => {
    const consent = consents.get(clientId);
    if (!consent) return null;
    return {
      items: itemNames.filter((name) => consent.items.includes(name)),
      purpose: consent.purpose,
      until: Math.floor(consent.expiresAt.getTime() / 1000),
      reads: (reads.get(clientId) ?? []).map(({ at, ...read }) => ({ ...read, at: Math.floor(at.getTime() / 1000) })),
    };
  };
  return {
    services: rows.map((row) => ({
      clientId: row.client_id,
      name: row.client_name,
      domain: row.domain,
      items: itemNames.filter((name) => row.items.includes(name)),
      linkedAt: Math.floor(row.granted_at.getTime() / 1000),
      lastUsedAt: Math.floor(row.last_used_at.getTime() / 1000),
      latestAttributes: present(row.client_id),
      sessions: sessions.get(row.client_id) ?? 0,
      requestsBlocked: row.requests_blocked_at !== null,
    })),
  };
}
