import type { EventRecord, EventType } from "@xid/protocol";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../store/database.ts";
import { eventId } from "./event-id.ts";
import { deliveryPeriod, keptFor } from "./record-event.ts";

/** Something that happened to one person, for one relying party. */
export type Happened<T extends EventType> = { clientId: string; accountId: string; data: EventRecord<T> };

/** The same as `recordEvent` for many at once, by sets. */
export async function recordEvents<T extends EventType>(
  tx: DatabaseTransaction,
  type: T,
  happened: readonly Happened<T>[],
  at: Date,
): Promise<void> {
  if (happened.length === 0) return;
  const expiresAt = new Date(at.getTime() + keptFor);
  await sql`
    WITH event AS (
      INSERT INTO events (client_id, event_id, type, account_id, data, created_at, expires_at)
      SELECT h.client_id, h.event_id, ${type}, h.account_id, h.data, ${at}::timestamptz, ${expiresAt}::timestamptz
      FROM unnest(
        ${happened.map(({ clientId }) => clientId)}::text[], ${happened.map(() => eventId(at.getTime()))}::uuid[],
        ${happened.map(({ accountId }) => accountId)}::uuid[], ${happened.map(({ data }) => JSON.stringify(data))}::jsonb[]
      ) AS h (client_id, event_id, account_id, data)
      WHERE EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.client_id = h.client_id AND ${type} = ANY (e.event_types))
      RETURNING client_id, event_id
    )
    INSERT INTO deliveries
      (client_id, event_id, endpoint_id, state, next_attempt_at, give_up_at, attempts, created_at, expires_at)
    SELECT n.client_id, n.event_id, e.endpoint_id, 'pending', CASE WHEN e.url IS NULL THEN NULL ELSE ${at}::timestamptz END,
      ${new Date(at.getTime() + deliveryPeriod)}::timestamptz, '[]'::jsonb, ${at}::timestamptz, ${expiresAt}::timestamptz
    FROM event n JOIN webhook_endpoints e ON e.client_id = n.client_id
    WHERE ${type} = ANY (e.event_types) AND e.disabled_at IS NULL`.execute(tx);
}
