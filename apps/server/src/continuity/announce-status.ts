import { sql } from "kysely";
import { recordEvents } from "../events/record-events.ts";
import type { IdentityStatus } from "../identity/identity-status.ts";
import type { DatabaseTransaction } from "../store/database.ts";

/** What has become of one person. */
export type StatusChange = { accountId: string; status: IdentityStatus["status"] };

/** Tells every relying party that a person is linked with that their status is another one now. @param at by our own clock */
export async function announceStatus(
  tx: DatabaseTransaction,
  changes: readonly StatusChange[],
  at: Date,
): Promise<void> {
  if (changes.length === 0) return;
  const { rows } = await sql<{ client_id: string; account_id: string; status: StatusChange["status"] }>`
    SELECT c.client_id, c.account_id, n.status FROM unnest(
      ${changes.map(({ accountId }) => accountId)}::uuid[], ${changes.map(({ status }) => status)}::text[]
    ) AS n (account_id, status)
    JOIN consents c ON c.account_id = n.account_id AND c.revoked_at IS NULL`.execute(tx);
  await recordEvents(
    tx,
    "identity.status_changed",
    rows.map(({ client_id, account_id, status }) => ({ clientId: client_id, accountId: account_id, data: { status } })),
    at,
  );
}
