import { hash } from "node:crypto";
import { sql } from "kysely";
import type Provider from "oidc-provider";
import type { Client } from "oidc-provider";
import { askOutside } from "../../events/ask-outside.ts";
import type { Platform } from "../../platform.ts";
import { Rounds } from "../rounds.ts";
import { logoutUriOf } from "./logout-clients.ts";

/** How often what is due is looked for, in milliseconds. */
const pollInterval = 500;

/** At once, and how long the client has to answer, in milliseconds. */
const batchSize = 20;
const timeout = 5_000;

/** Seconds until the next attempt: 5, 15, 45 … */
const longestPause = 3600;

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";

type Due = { account_id: string; client_id: string; sid: string };
type Parts = Pick<Platform, "config" | "database" | "clock" | "log">;

/**
 * Tells relying parties that sign-ins have ended (OpenID Connect Back-Channel Logout 1.0 §2.5), because the rows say so:
 * again until they have taken it or three days are over, also when the process that was at it is killed.
 */
export class LogoutNotifier {
  readonly #platform: Parts;
  readonly #provider: Provider;
  readonly #rounds: Rounds;

  constructor(platform: Parts, provider: Provider) {
    this.#platform = platform;
    this.#provider = provider;
    const round = () =>
      this.notifyDue().then(
        () => undefined,
        (err) => platform.log.warn({ err }, "ended sessions could not be told"),
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

  /** What is due now, each by one process. Answers how many have been taken. */
  async notifyDue(): Promise<number> {
    const due = await this.#claim();
    const taken = await Promise.all(due.map((one) => this.#notify(one)));
    return taken.filter(Boolean).length;
  }

  /** Puts the next attempt off before the first is made, so that a process which dies with it leaves it to another. */
  async #claim(): Promise<Due[]> {
    const now = new Date(this.#platform.clock());
    const { rows } = await sql<Due>`
      UPDATE sessions s SET attempts = s.attempts + 1,
        next_attempt_at = ${now}::timestamptz
          + least(${longestPause}, 5 * power(3, least(s.attempts, 10))) * interval '1 second'
      FROM (
        SELECT account_id, client_id, sid FROM sessions
        WHERE next_attempt_at <= ${now} AND expires_at > ${now}
        LIMIT ${batchSize} FOR UPDATE SKIP LOCKED
      ) due
      WHERE s.account_id = due.account_id AND s.client_id = due.client_id AND s.sid = due.sid
      RETURNING s.account_id, s.client_id, s.sid`.execute(this.#platform.database);
    return rows;
  }

  async #notify(due: Due): Promise<boolean> {
    const { database, log } = this.#platform;
    const client = await this.#provider.Client.find(due.client_id);
    const uri = client && logoutUriOf(client);
    if (client && uri && !(await this.#tell(client, uri, due))) {
      log.info({ clientId: due.client_id }, "a client has not taken a logout token");
      return false;
    }
    await database
      .updateTable("sessions")
      .set({ next_attempt_at: null })
      .where("account_id", "=", due.account_id)
      .where("client_id", "=", due.client_id)
      .where("sid", "=", due.sid)
      .execute();
    return uri !== undefined;
  }

  async #tell(client: Client, uri: string, due: Due): Promise<boolean> {
    try {
      const body = String(new URLSearchParams({ logout_token: await this.#logoutToken(client, due) }));
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const anywhere = this.#platform.config.profile === "sandbox";
      const { status } = await askOutside(uri, { headers, body, timeout, anywhere });
      // §2.8 also lets a client say that it could not: that is for it to solve, and not mended by asking again.
      return status === 200 || status === 204 || status === 400;
    } catch (error) {
      this.#platform.log.debug({ err: error, clientId: client.clientId }, "a logout token could not be sent");
      return false;
    }
  }

  /** §2.4. Signed, and where the client wants it encrypted, as its ID tokens are. Of one session all have one `jti`. */
  async #logoutToken(client: Client, { account_id: sub, client_id: clientId, sid }: Due): Promise<string> {
    const { IdToken } = this.#provider as unknown as { IdToken: LogoutTokenClass };
    const token = new IdToken({ sub }, { client, ctx: undefined });
    token.mask = { sub: null };
    token.set("events", { [logoutEvent]: {} });
    token.set("jti", hash("sha256", `logout\0${clientId}\0${sid}`, "base64url"));
    token.set("sid", sid);
    return token.issue({ use: "logout" });
  }
}

/** What the library's own logout makes its tokens with; not in its types. */
type LogoutTokenClass = new (
  claims: object,
  about: { client: Client; ctx: undefined },
) => { mask: object; set(name: string, value: unknown): void; issue(options: { use: "logout" }): Promise<string> };
