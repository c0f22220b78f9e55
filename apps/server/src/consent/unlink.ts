import type { Platform } from "../platform.ts";
import { transaction } from "../store/database.ts";

/**
 * Ends what a client may have of an account: the consent, and every session, grant and token that came from it, in one
 * transaction. Doing it twice is the same as once. Answers whether there was a consent to end.
 */
export function unlinkService(
  { database, clock }: Pick<Platform, "database" | "clock">,
  accountId: string,
  clientId: string,
): Promise<"unlinked" | "not_linked"> {
  return transaction(database, async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable("consents")
      .set({ revoked_at: new Date(clock()) })
      .where("account_id", "=", accountId)
      .where("client_id", "=", clientId)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    await tx
      .deleteFrom("oidc_artefacts")
      .where("account_id", "=", accountId)
      .where("client_id", "=", clientId)
      .execute();
    return numUpdatedRows === 1n ? "unlinked" : "not_linked";
  });
}
