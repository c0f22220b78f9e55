import type { DeliveryAttempt, XidEvent } from "@xid/protocol";
import { type Selectable, sql } from "kysely";
import { z } from "zod";
import type { Platform } from "../platform.ts";
import { announceExpired } from "../request/expire.ts";
import { type Tables, transaction } from "../store/database.ts";
import { askOutside, type OutsideAnswer, OutsideError } from "./ask-outside.ts";
import { livingKeys, openKeys, signDelivery } from "./endpoint-keys.ts";
import { pushPending } from "./endpoints.ts";
import { deliveryPeriod, recordEvent } from "./record-event.ts";
import { securityEventClaims } from "./security-event.ts";

type Parts = Pick<Platform, "config" | "database" | "sealer" | "signToken" | "clock" | "log">;
type Delivery = Selectable<Tables["deliveries"]>;
type Endpoint = Selectable<Tables["webhook_endpoints"]>;

/** The event as its client is to be told it; undefined when there is no such client any more. */
export type TellEvent = (event: Selectable<Tables["events"]>) => Promise<XidEvent | undefined>;

/** Seconds from one attempt to the next; then half a day, until it is given up. Each is up to a tenth longer or shorter. */
const delays = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800];
const longestDelay = 43_200;

/** How long an attempt may take, and when another process may take it for lost, in milliseconds. */
const attemptTime = 10_000;
const claimTime = 60_000;

/** How many are under way at once. An endpoint with a few of them gets no more, so that a slow one leaves room for others. */
const maxAtOnce = 64;
const fewPerEndpoint = 4;

/** An endpoint that took nothing is left alone so long, whatever else waits for it. In milliseconds. */
const restTime = 60_000;

const lookInterval = 500;

/** How often it is looked for requests that have expired, and how far back: at a start as far as requests are kept. */
const expiryInterval = 5_000;
const expiryWindow = 120_000;
const expiryAtStart = 86_400_000;

/**
 * Delivers what is due, in every process: a delivery is claimed by putting its next attempt forward, so that one whose process
 * was killed is taken by another. It may arrive more than once, and in any order.
 */
export class DeliveryWorker {
  readonly #parts: Parts;
  readonly #tell: TellEvent;
  readonly #underWay = new Map<Promise<void>, string>();
  #looking: NodeJS.Timeout | undefined;
  #expiring: NodeJS.Timeout | undefined;
  #announcing: Promise<void> | undefined;
  #claiming: Promise<void> | undefined;

  constructor(parts: Parts, tell: TellEvent) {
    this.#parts = parts;
    this.#tell = tell;
  }

  start(): void {
    this.#looking = setInterval(() => this.#look(), lookInterval);
    this.#announceExpired(expiryAtStart);
    this.#expiring = setInterval(() => this.#announceExpired(expiryWindow), expiryInterval);
  }

  #announceExpired(window: number): void {
    this.#announcing ??= announceExpired(this.#parts, new Date(this.#parts.clock() - window))
      .catch((err) => this.#parts.log.warn({ err }, "expired requests were not announced"))
      .finally(() => {
        this.#announcing = undefined;
      });
  }

  /** What is under way is finished; the rest waits for another process or the next start. */
  async stop(): Promise<void> {
    clearInterval(this.#looking);
    clearInterval(this.#expiring);
    this.#looking = undefined;
    await this.#announcing;
    await this.#claiming;
    await Promise.all(this.#underWay.keys());
  }

  /** Claims what is due and waits until it has been tried. */
  async deliverDue(): Promise<number> {
    const claimed = await claim(this.#parts, maxAtOnce, []);
    await Promise.all(claimed.map((delivery) => this.#try(delivery)));
    return claimed.length;
  }

  #look(): void {
    if (this.#claiming || this.#underWay.size >= maxAtOnce) return;
    const counts = Map.groupBy(this.#underWay.values(), (endpointId) => endpointId);
    const busy = [...counts].filter(([, all]) => all.length >= fewPerEndpoint).map(([endpointId]) => endpointId);
    this.#claiming = claim(this.#parts, maxAtOnce - this.#underWay.size, busy)
      .then((claimed) => {
        for (const delivery of claimed) {
          const trying = this.#try(delivery).finally(() => {
            this.#underWay.delete(trying);
            if (this.#looking) this.#look();
          });
          this.#underWay.set(trying, delivery.endpoint_id);
        }
      })
      .catch((err) => this.#parts.log.warn({ err }, "no deliveries could be claimed"))
      .finally(() => {
        this.#claiming = undefined;
      });
  }

  async #try(delivery: Delivery): Promise<void> {
    try {
      await attempt(this.#parts, this.#tell, delivery);
    } catch (err) {
      // It stays claimed, and is tried again after that.
      this.#parts.log.warn({ err }, "a delivery could not be tried");
    }
  }
}

async function claim({ database, clock }: Parts, count: number, busy: string[]): Promise<Delivery[]> {
  const now = new Date(clock());
  const { rows } = await sql<Delivery>`
    WITH due AS (
      SELECT client_id, event_id, endpoint_id,
        row_number() OVER (PARTITION BY client_id, endpoint_id ORDER BY next_attempt_at) AS place
      FROM (
        SELECT client_id, event_id, endpoint_id, next_attempt_at FROM deliveries
        WHERE state = 'pending' AND next_attempt_at <= ${now} AND endpoint_id <> ALL (${busy}::uuid[])
        ORDER BY next_attempt_at LIMIT 1000
      ) first
    ), taken AS (
      SELECT d.client_id, d.event_id, d.endpoint_id FROM deliveries d JOIN due USING (client_id, event_id, endpoint_id)
      WHERE due.place <= ${sql.lit(fewPerEndpoint)} AND d.state = 'pending' AND d.next_attempt_at <= ${now}
      ORDER BY d.next_attempt_at LIMIT ${count} FOR UPDATE OF d SKIP LOCKED
    )
    UPDATE deliveries d SET next_attempt_at = ${new Date(now.getTime() + claimTime)} FROM taken t
    WHERE d.client_id = t.client_id AND d.event_id = t.event_id AND d.endpoint_id = t.endpoint_id
    RETURNING d.*`.execute(database);
  return rows;
}

async function attempt(parts: Parts, tell: TellEvent, delivery: Delivery): Promise<void> {
  const { database } = parts;
  const [endpoint, event] = await Promise.all([
    database
      .selectFrom("webhook_endpoints")
      .selectAll()
      .where("client_id", "=", delivery.client_id)
      .where("endpoint_id", "=", delivery.endpoint_id)
      .executeTakeFirst(),
    database
      .selectFrom("events")
      .selectAll()
      .where("client_id", "=", delivery.client_id)
      .where("event_id", "=", delivery.event_id)
      .executeTakeFirst(),
  ]);
  if (endpoint?.disabled_at) return transaction(database, (tx) => pushPending(tx, endpoint, null));
  const told = event && (await tell(event));
  if (!endpoint?.url || !told) return end(parts, delivery, "failed");
  const started = parts.clock();
  const outcome = await post(parts, { endpoint: { ...endpoint, url: endpoint.url }, told }).catch((error: unknown) => {
    if (error instanceof OutsideError) return error;
    throw error;
  });
  const answered = outcome instanceof OutsideError ? undefined : outcome;
  const tried: DeliveryAttempt = {
    at: new Date(started).toISOString(),
    duration: parts.clock() - started,
    status: answered?.status ?? null,
    error: outcome instanceof OutsideError ? outcome.code : refusedToken(outcome),
  };
  if (answered && answered.status >= 200 && answered.status < 300) return delivered(parts, delivery, tried);
  return failed(parts, { delivery, endpoint, tried }, answered);
}

/** Why a receiver of security event tokens takes none (RFC 8935 section 2.4). */
function refusedToken({ status, body }: OutsideAnswer): string | null {
  if (status !== 400) return null;
  try {
    return z.object({ err: z.string().max(100) }).parse(JSON.parse(body)).err;
  } catch {
    return null;
  }
}

function post(
  { config, sealer, signToken, clock }: Parts,
  { endpoint, told }: { endpoint: Endpoint & { url: string }; told: XidEvent },
): Promise<OutsideAnswer> {
  const { client_id: clientId, endpoint_id: endpointId, url } = endpoint;
  const common = { timeout: attemptTime, anywhere: config.profile === "sandbox" };
  if (endpoint.form === "set_push") return pushToken();
  const now = clock();
  const body = JSON.stringify(told);
  const keys = livingKeys(openKeys({ sealer }, { clientId, endpointId }, endpoint.keys_sealed), now);
  const timestamp = Math.floor(now / 1000);
  const headers = {
    "content-type": "application/json",
    "user-agent": "xID-Webhooks/1",
    "webhook-id": told.id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signDelivery(keys, { id: told.id, timestamp, body }),
  };
  return askOutside(url, { headers, body, ...common });

  /** RFC 8935 section 2.1 */
  async function pushToken(): Promise<OutsideAnswer> {
    const claims = securityEventClaims(told, { issuer: config.issuer, clientId, now: Math.floor(clock() / 1000) });
    const headers = {
      "content-type": "application/secevent+jwt",
      accept: "application/json",
      "user-agent": "xID-SET/1",
    };
    return askOutside(url, { headers, body: await signToken("secevent+jwt", claims), ...common });
  }
}

async function delivered({ database, clock }: Parts, delivery: Delivery, tried: DeliveryAttempt): Promise<void> {
  const now = new Date(clock());
  const { client_id, event_id, endpoint_id } = delivery;
  await sql`
    WITH ended AS (
      UPDATE deliveries SET state = 'delivered', next_attempt_at = NULL, ended_at = ${now},
        attempts = attempts || ${JSON.stringify([tried])}::jsonb
      WHERE client_id = ${client_id} AND event_id = ${event_id}::uuid AND endpoint_id = ${endpoint_id}::uuid
        AND state = 'pending'
    )
    UPDATE webhook_endpoints SET failing_since = NULL
    WHERE client_id = ${client_id} AND endpoint_id = ${endpoint_id}::uuid AND failing_since IS NOT NULL`.execute(
    database,
  );
}

async function end({ database, clock }: Parts, delivery: Delivery, state: "failed"): Promise<void> {
  await database
    .updateTable("deliveries")
    .set({ state, next_attempt_at: null, ended_at: new Date(clock()) })
    .where("client_id", "=", delivery.client_id)
    .where("event_id", "=", delivery.event_id)
    .where("endpoint_id", "=", delivery.endpoint_id)
    .where("state", "=", "pending")
    .execute();
}

/** Later again, or never; and when the endpoint has taken nothing for days, or says that it is gone, it is left alone. */
async function failed(
  { database, clock, log }: Parts,
  { delivery, endpoint, tried }: { delivery: Delivery; endpoint: Endpoint; tried: DeliveryAttempt },
  answer: OutsideAnswer | undefined,
): Promise<void> {
  const now = clock();
  const delay = Math.max(delayAfter(delivery.attempts.length), answer?.retryAfter ?? 0) * 1000;
  const givenUp = now + delay > delivery.give_up_at.getTime();
  const { client_id, event_id, endpoint_id } = delivery;
  const failingSince = endpoint.failing_since ?? new Date(now);
  const gone = answer?.status === 410;
  const because = gone ? "gone" : now - failingSince.getTime() >= deliveryPeriod ? "failing" : undefined;
  await transaction(database, async (tx) => {
    await sql`
      UPDATE deliveries SET attempts = attempts || ${JSON.stringify([tried])}::jsonb,
        state = ${givenUp ? "failed" : "pending"}, ended_at = ${givenUp ? new Date(now) : null}::timestamptz,
        next_attempt_at = ${givenUp ? null : new Date(now + delay)}::timestamptz
      WHERE client_id = ${client_id} AND event_id = ${event_id}::uuid AND endpoint_id = ${endpoint_id}::uuid
        AND state = 'pending'`.execute(tx);
    const rest = new Date(now + Math.min(delay, restTime));
    await tx
      .updateTable("deliveries")
      .set({ next_attempt_at: rest })
      .where("client_id", "=", client_id)
      .where("endpoint_id", "=", endpoint_id)
      .where("state", "=", "pending")
      .where("next_attempt_at", "<", rest)
      .execute();
    const { numUpdatedRows } = await tx
      .updateTable("webhook_endpoints")
      .set({
        failing_since: failingSince,
        ...(because && { disabled_at: new Date(now), disabled_because: because }),
      })
      .where("client_id", "=", client_id)
      .where("endpoint_id", "=", endpoint_id)
      .where("disabled_at", "is", null)
      .executeTakeFirst();
    if (!because || numUpdatedRows !== 1n) return;
    await pushPending(tx, endpoint, null);
    const event = { type: "webhook.disabled", data: { endpointId: endpoint_id }, at: new Date(now) } as const;
    await recordEvent(tx, { clientId: client_id, accountId: null, ...event });
  });
  if (because) log.warn({ clientId: client_id, endpointId: endpoint_id, because }, "a webhook endpoint was disabled");
}

/** Seconds after so many attempts before this one. */
export function delayAfter(attempts: number, random = Math.random): number {
  return Math.round((delays[attempts] ?? longestDelay) * (0.9 + 0.2 * random()));
}
