import { sql } from "kysely";
import type Provider from "oidc-provider";
import type { Client } from "oidc-provider";
import { askOutside } from "../../events/ask-outside.ts";
import type { Platform } from "../../platform.ts";
import { Rounds } from "../rounds.ts";
import { fetchingTime, lifetimeOf } from "./lifetime.ts";

/** How often what is due is looked for, in milliseconds. */
const pollInterval = 500;

/** At once, and how long the client has to answer, in milliseconds. */
const batchSize = 20;
const timeout = 5_000;

/** Seconds until the next attempt: 1, 2, 4 … */
const longestPause = 60;

type Announced = {
  requestId: string;
  client: Client;
  authReqId: string;
  parameters: Record<string, string | undefined>;
};

/**
 * Notes, where the client wants it (`ping`), that it is to be told when this request has ended. It is told because the row
 * is there and the request has ended: a process that is killed after the person's decision loses no announcement.
 */
export async function announceResult(
  platform: Pick<Platform, "config" | "database" | "sealer" | "clock">,
  { requestId, client, authReqId, parameters }: Announced,
): Promise<void> {
  if (client.backchannelTokenDeliveryMode !== "ping") return;
  const now = platform.clock();
  const lifetime = lifetimeOf(platform, parameters.requested_expiry) + fetchingTime;
  const said = { authReqId, token: parameters.client_notification_token };
  await platform.database
    .insertInto("back_channel_announcements")
    .values({
      request_id: requestId,
      client_id: client.clientId,
      content_sealed: platform.sealer.seal(context(requestId), JSON.stringify(said)),
      attempts: 0,
      next_attempt_at: new Date(now),
      expires_at: new Date(now + lifetime * 1000),
    })
    .execute();
}

type Due = { request_id: string; client_id: string; content_sealed: Buffer };

/** Tells clients (CIBA Core 1.0 §10.2) that the result of a request can be fetched; again until they have taken it, or its time is over. */
export class Announcer {
  readonly #platform: Pick<Platform, "config" | "database" | "sealer" | "clock" | "log">;
  readonly #provider: Provider;
  readonly #rounds: Rounds;

  constructor(platform: Pick<Platform, "config" | "database" | "sealer" | "clock" | "log">, provider: Provider) {
    this.#platform = platform;
    this.#provider = provider;
    const round = () =>
      this.announceDue().then(
        () => undefined,
        (err) => platform.log.warn({ err }, "results could not be announced"),
      );
    this.#rounds = new Rounds(round, pollInterval);
  }

  start(): void {
    this.#rounds.start();
  }

  /** Waits for what is under way. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** What is due now, each by one process. Answers how many clients were told. */
  async announceDue(): Promise<number> {
    const due = await this.#claim();
    const told = await Promise.all(due.map((one) => this.#announce(one)));
    return told.filter(Boolean).length;
  }

  /** Puts the next attempt off before the first is made, so that a process which dies with it leaves it to another. */
  async #claim(): Promise<Due[]> {
    const now = new Date(this.#platform.clock());
    const { rows } = await sql<Due>`
      UPDATE back_channel_announcements a SET attempts = a.attempts + 1,
        next_attempt_at = ${now}::timestamptz
          + least(${longestPause}, power(2, least(a.attempts, 10))) * interval '1 second' + interval '5 seconds'
      FROM (
        SELECT w.request_id FROM back_channel_announcements w JOIN requests r ON r.request_id = w.request_id
        WHERE w.next_attempt_at <= ${now} AND w.expires_at > ${now}
          AND (r.state NOT IN ('created', 'opened') OR r.expires_at <= ${now})
        LIMIT ${batchSize} FOR UPDATE OF w SKIP LOCKED
      ) due
      WHERE a.request_id = due.request_id
      RETURNING a.request_id, a.client_id, a.content_sealed`.execute(this.#platform.database);
    return rows;
  }

  async #announce({ request_id: requestId, client_id: clientId, content_sealed: sealed }: Due): Promise<boolean> {
    const { database, sealer, log } = this.#platform;
    const client = await this.#provider.Client.find(clientId);
    const endpoint = client?.backchannelClientNotificationEndpoint;
    const taken = endpoint === undefined || (await this.#tell(endpoint, open(sealer, requestId, sealed)));
    if (!taken) {
      log.info({ clientId, requestId }, "a client has not taken the announcement of a result");
      return false;
    }
    await database.deleteFrom("back_channel_announcements").where("request_id", "=", requestId).execute();
    return endpoint !== undefined;
  }

  async #tell(endpoint: string, { authReqId, token }: { authReqId: string; token: string }): Promise<boolean> {
    try {
      const { status } = await askOutside(endpoint, {
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ auth_req_id: authReqId }),
        timeout,
        anywhere: this.#platform.config.profile === "sandbox",
      });
      return status >= 200 && status < 300;
    } catch {
      return false;
    }
  }
}

function open(sealer: Platform["sealer"], requestId: string, sealed: Buffer): { authReqId: string; token: string } {
  return JSON.parse(sealer.open(context(requestId), sealed).toString("utf8")) as { authReqId: string; token: string };
}

function context(requestId: string): string {
  return `back_channel_announcements.content_sealed:${requestId}`;
}
