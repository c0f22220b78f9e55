import type { EventType, WebhookDelivery } from "@xid/protocol";
import type { Selectable } from "kysely";
import type { Tables } from "../../store/database.ts";

export function presentDelivery(row: Selectable<Tables["deliveries"]> & { type: EventType }): WebhookDelivery {
  return {
    id: `${row.event_id}.${row.endpoint_id}`,
    event: { id: row.event_id, type: row.type },
    endpoint: row.endpoint_id,
    state: row.state,
    createdAt: row.created_at.toISOString(),
    nextAttemptAt: row.next_attempt_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    attempts: row.attempts,
  };
}
