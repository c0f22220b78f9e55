import type { ServiceSettings } from "@xid/protocol";
import type { Platform } from "../platform.ts";

/**
 * Lets a linked service address requests to the person, or no more. What waits already can still be answered or left.
 * Answers whether the service is linked.
 */
export async function changeService(
  { database, clock }: Pick<Platform, "database" | "clock">,
  { accountId, clientId }: { accountId: string; clientId: string },
  { requestsBlocked }: ServiceSettings,
): Promise<"changed" | "not_linked"> {
  const { numUpdatedRows } = await database
    .updateTable("consents")
    .set((row) => ({
      requests_blocked_at: requestsBlocked ? row.fn.coalesce("requests_blocked_at", row.val(new Date(clock()))) : null,
    }))
    .where("account_id", "=", accountId)
    .where("client_id", "=", clientId)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows === 1n ? "changed" : "not_linked";
}
