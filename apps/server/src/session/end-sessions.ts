import type { Platform } from "../platform.ts";
import { type DatabaseTransaction, transaction } from "../store/database.ts";

export type EndedBecause =
  /** By the person, in the app. */
  | "signed_out"
  /** The service is no longer linked. */
  | "unlinked"
  /** The device that approved, and with it whoever had it, was replaced, or the account came back by its card. */
  | "device_replaced"
  /** The relying party says so itself: it is not told. */
  | "by_client";

/** How long it is tried to tell a relying party, in milliseconds. */
const toldWithin = 3 * 86_400_000;

type Which = { accountId: string; clientId?: string | undefined; sid?: string };

/** Marks sign-ins of a person as ended, and their relying parties as to be told. Answers how many had not ended before. */
export async function endSessions(
  tx: DatabaseTransaction,
  { accountId, clientId, sid }: Which,
  { because, at }: { because: EndedBecause; at: Date },
): Promise<number> {
  let update = tx
    .updateTable("sessions")
    .set({
      ended_at: at,
      ended_because: because,
      next_attempt_at: because === "by_client" ? null : at,
      expires_at: new Date(at.getTime() + toldWithin),
    })
    .where("account_id", "=", accountId)
    .where("ended_at", "is", null)
    .where("expires_at", ">", at);
  if (clientId !== undefined) update = update.where("client_id", "=", clientId);
  if (sid !== undefined) update = update.where("sid", "=", sid);
  return Number((await update.executeTakeFirst()).numUpdatedRows);
}

/**
 * Signs a person out at one relying party, or at all: those that asked for it are told, and access tokens end. What was
 * granted for when the person is away (`offline_access`) stays: that ends by unlinking (Back-Channel Logout 1.0 §2.7).
 */
export async function signOut(
  { database, clock }: Pick<Platform, "database" | "clock">,
  accountId: string,
  clientId?: string,
): Promise<number> {
  return transaction(database, async (tx) => {
    let tokens = tx
      .deleteFrom("oidc_artefacts")
      .where("account_id", "=", accountId)
      .where("model", "in", ["AccessToken", "AuthorizationCode"]);
    if (clientId !== undefined) tokens = tokens.where("client_id", "=", clientId);
    await tokens.execute();
    return endSessions(tx, { accountId, clientId }, { because: "signed_out", at: new Date(clock()) });
  });
}
