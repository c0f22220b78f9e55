import { itemNames, type LinkedServices } from "@xid/protocol";
import type { Platform } from "../platform.ts";

/** More services than these are not listed. */
const maxListed = 500;

/** The services that may have something of this account, newest use first, under the name the person last saw. */
export async function listLinkedServices(
  { database }: Pick<Platform, "database">,
  accountId: string,
): Promise<LinkedServices> {
  const rows = await database
    .selectFrom("consents")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("revoked_at", "is", null)
    .orderBy("last_used_at", "desc")
    .limit(maxListed)
    .execute();
  return {
    services: rows.map((row) => ({
      clientId: row.client_id,
      name: row.client_name,
      domain: row.domain,
      items: itemNames.filter((name) => row.items.includes(name)),
      linkedAt: Math.floor(row.granted_at.getTime() / 1000),
      lastUsedAt: Math.floor(row.last_used_at.getTime() / 1000),
      requestsBlocked: row.requests_blocked_at !== null,
    })),
  };
}
