import { sql } from "kysely";
import { recordEvent } from "../events/record-event.ts";
import type { Platform } from "../platform.ts";
import { type Tables, transaction } from "../store/database.ts";
import { transitions } from "./transition.ts";

const batchSize = 100;

/**
 * Tells relying parties that want to know it of requests whose time has ended since a moment, each once, however many
 * processes do so. Who it was that let the time pass is not told.
 */
export async function announceExpired(parts: Pick<Platform, "database" | "clock">, since: Date): Promise<void> {
  while ((await announceSome(parts, since)) === batchSize);
}

function announceSome({ database, clock }: Pick<Platform, "database" | "clock">, since: Date): Promise<number> {
  const now = new Date(clock());
  return transaction(database, async (tx) => {
    const { rows } = await sql<Pick<Tables["requests"], "request_id" | "client_id" | "kind">>`
      UPDATE requests SET state = ${transitions.expire.to} WHERE request_id IN (
        SELECT request_id FROM requests r
        WHERE expires_at > ${since} AND expires_at <= ${now} AND state = ANY (${transitions.expire.from}::text[]) AND EXISTS (
          SELECT 1 FROM webhook_endpoints e WHERE e.client_id = r.client_id AND 'request.expired' = ANY (e.event_types))
        LIMIT ${sql.lit(batchSize)} FOR UPDATE SKIP LOCKED)
      RETURNING request_id, client_id, kind`.execute(tx);
    for (const { request_id: requestId, client_id: clientId, kind } of rows) {
      const event = { type: "request.expired", data: { requestId, kind }, at: now } as const;
      await recordEvent(tx, { clientId, accountId: null, ...event });
    }
    return rows.length;
  });
}
