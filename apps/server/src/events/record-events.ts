import type { EventRecord, EventType } from "@xid/protocol";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../store/database.ts";
import { eventId } from "./event-id.ts";
import { eventWritesOf } from "./record-event.ts";

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
  const rows = sql`(SELECT * FROM unnest(
    ${happened.map(({ clientId }) => clientId)}::text[], ${happened.map(({ accountId }) => accountId)}::uuid[],
    ${happened.map(() => eventId(at.getTime()))}::uuid[], ${happened.map(({ data }) => JSON.stringify(data))}::jsonb[]
  ) AS u (client_id, account_id, event_id, data))`;
  await sql`WITH ${eventWritesOf(rows, type, at)} SELECT 1`.execute(tx);
}
