import { sql } from "kysely";
import { recordEvents } from "../events/record-events.ts";
import type { IdentityStatus } from "../identity/identity-status.ts";
import type { DatabaseTransaction } from "../store/database.ts";

/** What has become of one person. */
export type StatusChange = { accountId: string } & Pick<IdentityStatus, "status" | "reason">;

/**
 * Tells every relying party that a person is linked with that their status is another one now; and of a lost card those that
 * may know why a certificate has ended (as api/continuity/present-status.ts has it). @param at by our own clock
 */
export async function announceStatus(
  tx: DatabaseTransaction,
  changes: readonly StatusChange[],
  at: Date,
): Promise<void> {
  if (changes.length === 0) return;
  const { rows } = await sql<Linked>`
    SELECT c.client_id, c.account_id, n.status, coalesce(n.reason = 'lost', false)
      AND coalesce((a.payload->>'xid_receives_certificates')::boolean, false) AS tells_loss
    FROM unnest(
      ${changes.map(({ accountId }) => accountId)}::uuid[], ${changes.map(({ status }) => status)}::text[],
      ${changes.map(({ reason }) => reason)}::text[]
    ) AS n (account_id, status, reason)
    JOIN consents c ON c.account_id = n.account_id AND c.revoked_at IS NULL
    LEFT JOIN oidc_artefacts a ON a.model = 'Client' AND a.id = c.client_id`.execute(tx);
  await recordEvents(
    tx,
    "identity.status_changed",
    rows.map(({ client_id, account_id, status }) => ({ clientId: client_id, accountId: account_id, data: { status } })),
    at,
  );
  const lost = rows.filter(({ tells_loss }) => tells_loss);
  await recordEvents(
    tx,
    "card.lost",
    lost.map(({ client_id, account_id }) => ({ clientId: client_id, accountId: account_id, data: {} })),
    at,
  );
}

type Linked = { client_id: string; account_id: string; status: StatusChange["status"]; tells_loss: boolean };
