import { sql } from "kysely";
import type { Database } from "./database.ts";

const batchSize = 500;

/** What expires, by what, and how much longer it is kept (seconds): long enough to say why it is of no use any more. */
const expiring = [
  { table: "oidc_artefacts", key: ["id", "model"], kept: 0 },
  { table: "used_identifiers", key: ["identifier"], kept: 0 },
  { table: "enrolments", key: ["enrolment_id"], kept: 86_400 },
  { table: "events", key: ["client_id", "event_id"], kept: 0 },
  { table: "deliveries", key: ["client_id", "event_id", "endpoint_id"], kept: 0 },
  { table: "idempotent_calls", key: ["client_id", "key_digest"], kept: 0 },
  // What was shown and decided lives on, sealed, in `evidence`.
  { table: "requests", key: ["request_id"], kept: 86_400 },
  { table: "back_channel_announcements", key: ["request_id"], kept: 0 },
  { table: "sessions", key: ["account_id", "client_id", "sid"], kept: 0 },
  { table: "addressed_requests", key: ["account_id", "request_id"], kept: 86_400 },
  { table: "hand_overs", key: ["request_id"], kept: 86_400 },
] as const;

/**
 * Deletes what has expired, at most five hundred rows of a table per statement so that no lock is held for long.
 * Returns how many rows went. Processes may sweep side by side.
 */
export async function sweep(database: Database, now: number): Promise<number> {
  let total = 0;
  for (const { table, key, kept } of expiring) {
    const columns = sql.join(key.map((column) => sql.ref(column)));
    const before = new Date(now - kept * 1000);
    for (;;) {
      const { numAffectedRows = 0n } = await sql`
        DELETE FROM ${sql.table(table)} WHERE (${columns}) IN (
          SELECT ${columns} FROM ${sql.table(table)} WHERE expires_at <= ${before} LIMIT ${sql.lit(batchSize)}
          FOR UPDATE SKIP LOCKED
        )`.execute(database);
      total += Number(numAffectedRows);
      if (numAffectedRows < batchSize) break;
    }
  }
  return total;
}
