import type { EventRecord, EventType } from "@xid/protocol";
import { type RawBuilder, sql } from "kysely";
import type { Database, DatabaseTransaction } from "../store/database.ts";
import { eventId } from "./event-id.ts";

/** How long it is tried to deliver an event, and how long events and their deliveries are kept, in milliseconds. */
export const deliveryPeriod = 3 * 86_400_000;
export const keptFor = 30 * 86_400_000;

export type EventInput<T extends EventType> = {
  type: T;
  data: EventRecord<T>;
  at: Date;
};

/** Whom an event is told to, and whom it is about; null where the client does not know the person by it. */
export type EventParties = { clientId: string; accountId: string | null };

/**
 * Writes that something happened, for one relying party, and that it is to be delivered; nothing where that party has no
 * endpoint for such an event. Call it in the transaction in which it happens.
 */
export async function recordEvent<T extends EventType>(
  database: Database | DatabaseTransaction,
  { clientId, accountId, ...event }: EventParties & EventInput<T>,
): Promise<void> {
  await sql`WITH happened AS (SELECT ${clientId}::text AS client_id, ${accountId}::uuid AS account_id),
    ${eventWrites(sql`happened`, event)} SELECT 1`.execute(database);
}

/** The same for every relying party that the person is linked with; each gets an event of its own, which names no other's. */
export async function recordEventForLinked<T extends EventType>(
  database: Database | DatabaseTransaction,
  { accountId, ...event }: { accountId: string } & EventInput<T>,
): Promise<void> {
  const { rows } = await sql<{ client_id: string }>`
    SELECT client_id FROM consents WHERE account_id = ${accountId}::uuid AND revoked_at IS NULL
      AND EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.client_id = consents.client_id)`.execute(database);
  for (const { client_id: clientId } of rows) await recordEvent(database, { clientId, accountId, ...event });
}

/**
 * The same as a part of the statement in which it happens: common table expressions `event` and `delivery`. `happened`
 * must be a relation of that statement with `client_id` and `account_id` of at most one row; none, no event.
 */
export function eventWrites<T extends EventType>(
  happened: RawBuilder<unknown>,
  { type, data, at }: EventInput<T>,
): RawBuilder<unknown> {
  const one = sql`(SELECT client_id, account_id, ${eventId(at.getTime())}::uuid AS event_id,
    ${JSON.stringify(data)}::jsonb AS data FROM ${happened} x)`;
  return eventWritesOf(one, type, at);
}

/** The same of any number of rows with `client_id`, `account_id`, `event_id` and `data`. */
export function eventWritesOf(rows: RawBuilder<unknown>, type: EventType, at: Date): RawBuilder<unknown> {
  const expiresAt = new Date(at.getTime() + keptFor);
  const giveUpAt = new Date(at.getTime() + deliveryPeriod);
  return sql`
    event AS (
      INSERT INTO events (client_id, event_id, type, account_id, data, created_at, expires_at)
      SELECT h.client_id, h.event_id, ${type}, h.account_id, h.data, ${at}::timestamptz, ${expiresAt}::timestamptz
      FROM ${rows} h
      WHERE EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.client_id = h.client_id AND ${type} = ANY (e.event_types))
      RETURNING client_id, event_id
    ), delivery AS (
      INSERT INTO deliveries
        (client_id, event_id, endpoint_id, state, next_attempt_at, give_up_at, attempts, created_at, expires_at)
      SELECT n.client_id, n.event_id, e.endpoint_id, 'pending', CASE WHEN e.url IS NULL THEN NULL ELSE ${at}::timestamptz END,
        ${giveUpAt}::timestamptz, '[]'::jsonb, ${at}::timestamptz, ${expiresAt}::timestamptz
      FROM event n JOIN webhook_endpoints e ON e.client_id = n.client_id
      WHERE ${type} = ANY (e.event_types) AND e.disabled_at IS NULL
    )`;
}
