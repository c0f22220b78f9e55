import { sql } from "kysely";
import { ApiProblem } from "../http/problem.ts";
import type { Platform } from "../platform.ts";
import { proximityCode } from "../request/engine.ts";
import type { Request } from "../request/request.ts";
import { stateAt } from "../request/transition.ts";

/** What a sign-in page is told. */
export type PageState = Pick<Request, "state" | "via" | "checkNumber">;

export type WaitingPage = {
  showState(state: PageState): void;
  /** The code of the second that has just begun. */
  showCode(code: string): void;
};

/** How often the database is asked, in milliseconds: an approval reaches its page within that time. */
const pollInterval = 200;

const maxPages = 5_000;
const maxPagesPerRequest = 4;
const batchSize = 1_000;

type Waiting = Pick<Request, "requestId" | "proximitySecret"> & { shown: PageState; pages: Set<WaitingPage> };

/**
 * All sign-in pages that this process keeps open. However many there are, the database gets one query per interval for
 * a thousand of them, and none when nobody waits. Works on every engine and with any number of processes.
 */
export class WaitingPages {
  readonly #platform: Pick<Platform, "database" | "clock" | "log">;
  readonly #waiting = new Map<string, Waiting>();
  #pageCount = 0;
  #timer: NodeJS.Timeout | undefined;
  #second = 0;

  constructor(platform: Pick<Platform, "database" | "clock" | "log">) {
    this.#platform = platform;
  }

  /** Throws `ApiProblem("UNAVAILABLE")` when so many wait that a page had better ask for its status now and then. */
  assertRoom(requestId: string): void {
    const ofRequest = this.#waiting.get(requestId)?.pages.size ?? 0;
    if (this.#pageCount >= maxPages || ofRequest >= maxPagesPerRequest) {
      throw new ApiProblem("UNAVAILABLE", { detail: "too many pages are waiting", retryAfter: 1 });
    }
  }

  /** Tells the page how things stand now and whenever that changes. Returns what to call when the page has gone. */
  add(request: Request, page: WaitingPage): () => void {
    const { requestId, proximitySecret } = request;
    const shown = { state: request.state, via: request.via, checkNumber: request.checkNumber };
    const waiting = this.#waiting.get(requestId) ?? { requestId, proximitySecret, shown, pages: new Set() };
    this.#waiting.set(requestId, waiting);
    waiting.pages.add(page);
    this.#pageCount++;
    page.showState(shown);
    if (shown.state === "created") page.showCode(proximityCode(waiting, this.#platform.clock()));
    this.#timer ??= setTimeout(() => this.#poll(), pollInterval);
    return () => {
      if (!waiting.pages.delete(page)) return;
      this.#pageCount--;
      if (waiting.pages.size === 0) this.#waiting.delete(requestId);
    };
  }

  async #poll(): Promise<void> {
    try {
      this.#showCodes();
      const ids = [...this.#waiting.keys()];
      for (let start = 0; start < ids.length; start += batchSize) {
        await this.#refresh(ids.slice(start, start + batchSize));
      }
    } catch (error) {
      this.#platform.log.warn({ err: error }, "waiting pages could not be refreshed");
    }
    this.#timer = this.#waiting.size === 0 ? undefined : setTimeout(() => this.#poll(), pollInterval);
  }

  async #refresh(ids: string[]): Promise<void> {
    const { database, clock } = this.#platform;
    const rows = await database
      .selectFrom("requests")
      .select(["request_id", "state", "via", "check_number", "expires_at"])
      .where(sql<boolean>`request_id = ANY(${ids})`)
      .execute();
    for (const row of rows) {
      const waiting = this.#waiting.get(row.request_id);
      if (!waiting) continue;
      const { shown } = waiting;
      const state = stateAt(row.state, row.expires_at, clock());
      if (state === shown.state && row.via === shown.via && row.check_number === shown.checkNumber) continue;
      waiting.shown = { state, via: row.via, checkNumber: row.check_number };
      for (const page of waiting.pages) page.showState(waiting.shown);
    }
  }

  #showCodes(): void {
    const now = this.#platform.clock();
    const second = Math.floor(now / 1000);
    if (second === this.#second) return;
    this.#second = second;
    for (const waiting of this.#waiting.values()) {
      if (waiting.shown.state !== "created") continue;
      const code = proximityCode(waiting, now);
      for (const page of waiting.pages) page.showCode(code);
    }
  }
}
