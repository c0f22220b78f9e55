import type { ReplayOrder, WebhookEndpointChange, WebhookEndpointCreation } from "@xid/protocol";
import { type Selectable, sql } from "kysely";
import type { Platform } from "../platform.ts";
import { type DatabaseTransaction, type Tables, transaction } from "../store/database.ts";
import { createKey, type EndpointKeys, openKeys, sealKeys } from "./endpoint-keys.ts";
import { deliveryPeriod } from "./record-event.ts";

type Parts = Pick<Platform, "database" | "sealer" | "clock">;
type Row = Selectable<Tables["webhook_endpoints"]>;

export type Endpoint = Omit<Row, "keys_sealed"> & { keys: EndpointKeys };

/** How many one relying party can have. */
export const maxEndpoints = 20;

/** Makes an endpoint; the one that has the id already is answered as it is. Undefined: there are too many. */
export async function createEndpoint(
  parts: Parts,
  { clientId, endpointId }: { clientId: string; endpointId: string },
  creation: WebhookEndpointCreation,
): Promise<Endpoint | undefined> {
  const existing = await findEndpoint(parts, clientId, endpointId);
  if (existing) return existing;
  if ((await listEndpoints(parts, clientId)).length >= maxEndpoints) return undefined;
  const keys = creation.form === "webhook" ? [createKey(endpointId, creation.signature)] : [];
  await parts.database
    .insertInto("webhook_endpoints")
    .values({
      client_id: clientId,
      endpoint_id: endpointId,
      form: creation.form,
      url: creation.form === "set_poll" ? null : creation.url,
      description: creation.description,
      event_types: creation.events,
      keys_sealed: sealKeys(parts, { clientId, endpointId }, keys),
      created_at: new Date(parts.clock()),
    })
    .onConflict((conflict) => conflict.columns(["client_id", "endpoint_id"]).doNothing())
    .execute();
  return findEndpoint(parts, clientId, endpointId);
}

export async function listEndpoints(parts: Parts, clientId: string): Promise<Endpoint[]> {
  const rows = await parts.database
    .selectFrom("webhook_endpoints")
    .selectAll()
    .where("client_id", "=", clientId)
    .orderBy("created_at")
    .execute();
  return rows.map((row) => toEndpoint(parts, row));
}

export async function findEndpoint(parts: Parts, clientId: string, endpointId: string): Promise<Endpoint | undefined> {
  const row = await parts.database
    .selectFrom("webhook_endpoints")
    .selectAll()
    .where("client_id", "=", clientId)
    .where("endpoint_id", "=", endpointId)
    .executeTakeFirst();
  return row && toEndpoint(parts, row);
}

/** Changes it; enabled again, it is sent what has been waiting. Undefined: there is none. */
export function changeEndpoint(
  parts: Parts,
  clientId: string,
  endpointId: string,
  { url, events, description, enabled }: WebhookEndpointChange,
): Promise<Endpoint | undefined> {
  const now = new Date(parts.clock());
  return transaction(parts.database, async (tx) => {
    const row = await tx
      .updateTable("webhook_endpoints")
      .set((eb) => ({
        url,
        event_types: events,
        description,
        failing_since: enabled ? null : eb.ref("failing_since"),
        disabled_at: enabled ? null : eb.fn.coalesce("disabled_at", eb.val(now)),
        disabled_because: enabled ? null : eb.fn.coalesce("disabled_because", eb.val("by_client" as const)),
      }))
      .where("client_id", "=", clientId)
      .where("endpoint_id", "=", endpointId)
      .returningAll()
      .executeTakeFirst();
    if (!row) return undefined;
    await pushPending(tx, row, enabled && url !== null ? now : null);
    return toEndpoint(parts, row);
  });
}

/** From when on what is pending is pushed; null: not. */
export async function pushPending(
  tx: DatabaseTransaction,
  { client_id, endpoint_id }: Pick<Row, "client_id" | "endpoint_id">,
  from: Date | null,
): Promise<void> {
  await tx
    .updateTable("deliveries")
    .set({ next_attempt_at: from })
    .where("client_id", "=", client_id)
    .where("endpoint_id", "=", endpoint_id)
    .where("state", "=", "pending")
    .execute();
}

/** With everything that was on its way there. Answers whether there was one. */
export function deleteEndpoint({ database }: Parts, clientId: string, endpointId: string): Promise<boolean> {
  return transaction(database, async (tx) => {
    for (const table of ["deliveries", "webhook_endpoints"] as const) {
      const { numDeletedRows } = await tx
        .deleteFrom(table)
        .where("client_id", "=", clientId)
        .where("endpoint_id", "=", endpointId)
        .executeTakeFirst();
      if (table === "webhook_endpoints") return numDeletedRows === 1n;
    }
    return false;
  });
}

/**
 * A new key, which signs from now on beside the one before until the overlap has passed. The rotation that was made under the
 * id already is answered as it is. Undefined: there is no such endpoint, or none that has keys.
 */
export function rotateKey(
  parts: Parts,
  { clientId, endpointId, rotationId }: { clientId: string; endpointId: string; rotationId: string },
  overlap: number,
): Promise<Endpoint | undefined> {
  const now = parts.clock();
  return transaction(parts.database, async (tx) => {
    const row = await tx
      .selectFrom("webhook_endpoints")
      .selectAll()
      .where("client_id", "=", clientId)
      .where("endpoint_id", "=", endpointId)
      .forUpdate()
      .executeTakeFirst();
    if (!row) return undefined;
    const endpoint = toEndpoint(parts, row);
    const [current] = endpoint.keys;
    if (!current) return undefined;
    if (endpoint.keys.some(({ id }) => id === rotationId)) return endpoint;
    const until = new Date(now + overlap * 1000).toISOString();
    // Never more than two sign: with a third the first one's time is over.
    const keys = [createKey(rotationId, current.signature), { ...current, until }];
    await tx
      .updateTable("webhook_endpoints")
      .set({ keys_sealed: sealKeys(parts, { clientId, endpointId }, keys) })
      .where("client_id", "=", clientId)
      .where("endpoint_id", "=", endpointId)
      .execute();
    return { ...endpoint, keys };
  });
}

/**
 * Sends an endpoint once more what is kept and what it wants to know: one event, or all since a time, also what happened while
 * it was disabled. Answers how many events.
 */
export async function replay(
  { database, clock }: Parts,
  { client_id: clientId, endpoint_id: endpointId, event_types: types, url }: Endpoint,
  order: ReplayOrder,
): Promise<number> {
  const now = new Date(clock());
  const which =
    "event" in order ? sql`event_id = ${order.event}::uuid` : sql`created_at >= ${new Date(order.since)}::timestamptz`;
  const { numAffectedRows = 0n } = await sql`
    INSERT INTO deliveries AS d
      (client_id, event_id, endpoint_id, state, next_attempt_at, give_up_at, attempts, created_at, expires_at)
    SELECT client_id, event_id, ${endpointId}::uuid, 'pending', ${url === null ? null : now}::timestamptz,
      ${new Date(now.getTime() + deliveryPeriod)}::timestamptz, '[]'::jsonb, ${now}::timestamptz, expires_at
    FROM events WHERE client_id = ${clientId} AND type = ANY (${types}::text[]) AND expires_at > ${now} AND ${which}
    ON CONFLICT (client_id, event_id, endpoint_id) DO UPDATE SET state = 'pending',
      next_attempt_at = excluded.next_attempt_at, give_up_at = excluded.give_up_at, ended_at = NULL`.execute(database);
  return Number(numAffectedRows);
}

/** An event of the type `webhook.test`, for this endpoint alone. */
export async function sendTest({ database, clock }: Parts, endpoint: Endpoint, eventId: string): Promise<void> {
  const { client_id: clientId, endpoint_id: endpointId, url } = endpoint;
  const now = new Date(clock());
  const expiresAt = new Date(now.getTime() + deliveryPeriod);
  await sql`
    WITH event AS (
      INSERT INTO events (client_id, event_id, type, account_id, data, created_at, expires_at)
      VALUES (${clientId}, ${eventId}::uuid, 'webhook.test', NULL, '{}'::jsonb, ${now}, ${expiresAt})
      ON CONFLICT (client_id, event_id) DO NOTHING RETURNING client_id, event_id
    )
    INSERT INTO deliveries
      (client_id, event_id, endpoint_id, state, next_attempt_at, give_up_at, attempts, created_at, expires_at)
    SELECT client_id, event_id, ${endpointId}::uuid, 'pending', ${url === null ? null : now}::timestamptz,
      ${expiresAt}::timestamptz, '[]'::jsonb, ${now}::timestamptz, ${expiresAt}::timestamptz FROM event`.execute(
    database,
  );
}

function toEndpoint(parts: Parts, { keys_sealed: sealed, ...row }: Row): Endpoint {
  return { ...row, keys: openKeys(parts, { clientId: row.client_id, endpointId: row.endpoint_id }, sealed) };
}
