import { recordEvent } from "../events/record-event.ts";
import type { Platform } from "../platform.ts";
import { transitions } from "../request/transition.ts";
import { endSessions } from "../session/end-sessions.ts";
import { type DatabaseTransaction, transaction } from "../store/database.ts";
import { endContinuousConsents } from "./continuous-consent.ts";

/**
 * Ends what a client may have of an account: the consent, every session, grant and token that came from it, and what it has
 * sent to the person, in one transaction. Doing it twice is the same as once. Answers whether there was a consent to end.
 */
export async function unlinkService(
  { database, clock, jpki }: Pick<Platform, "database" | "clock" | "jpki">,
  accountId: string,
  clientId: string,
): Promise<"unlinked" | "not_linked"> {
  const at = new Date(await jpki.now());
  const now = new Date(clock());
  return transaction(database, async (tx) => {
    await endContinuousConsents(tx, { accountIds: [accountId], clientId, at });
    const { numUpdatedRows } = await tx
      .updateTable("consents")
      .set({ revoked_at: now })
      .where("account_id", "=", accountId)
      .where("client_id", "=", clientId)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    await endSessions(tx, { accountId, clientId }, { because: "unlinked", at: now });
    await cancelAddressed(tx, { accountId, clientId }, now);
    await tx
      .deleteFrom("oidc_artefacts")
      .where("account_id", "=", accountId)
      .where("client_id", "=", clientId)
      .execute();
    if (numUpdatedRows !== 1n) return "not_linked";
    await recordEvent(tx, { clientId, accountId, type: "consent.withdrawn", data: { consent: "link" }, at: now });
    return "unlinked";
  });
}

async function cancelAddressed(
  tx: DatabaseTransaction,
  { accountId, clientId }: { accountId: string; clientId: string },
  now: Date,
): Promise<void> {
  const waiting = await tx
    .selectFrom("addressed_requests")
    .select("request_id")
    .where("account_id", "=", accountId)
    .where("client_id", "=", clientId)
    .where("expires_at", ">", now)
    .execute();
  if (waiting.length === 0) return;
  const ids = waiting.map(({ request_id }) => request_id);
  await tx
    .updateTable("requests")
    .set({ state: transitions.cancel.to, decided_at: now })
    .where("request_id", "in", ids)
    .where("state", "in", transitions.cancel.from)
    .execute();
}
