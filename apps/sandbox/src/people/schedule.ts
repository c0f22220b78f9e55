import { parseMoment } from "../clock/moment.ts";
import { SandboxError } from "../error.ts";
import { transaction } from "../store/database.ts";
import {
  cancelPlanned,
  countPlanned,
  type Failure,
  findLifeEvent,
  firstPlanned,
  type LifeEventRecord,
  recordPlanned,
  settlePlanned,
} from "../store/life-events.ts";
import { findResident } from "../store/people.ts";
import type { World } from "../world.ts";
import { letHappen, letHappenAndRecord, shownInput, withKeys } from "./happen.ts";
import type { LifeEvent } from "./life-events.ts";

const most = { ofOne: 200, ofAll: 10_000 };
/** Also with nothing near, so that a machine that slept is noticed. */
const longestWait = 60_000;

/**
 * Makes events happen at their times, in the order of their dates: now, when the real time comes, or when the clock is
 * moved past them. Each happens in a transaction of its own together with the step of the clock to its date, so a process
 * that is killed in between goes on from there at the next start. One at a time.
 */
export class Schedule {
  readonly #world: World;
  #last: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * An event of a resident: at once, or planned for `at`. Throws what its definition does, PERSON_NOT_FOUND, MALFORMED, and
   * DATE_UNSUITABLE for the past.
   */
  enter(personId: string, { type, at, ...said }: LifeEvent): Promise<"happened" | "planned"> {
    const input = Object.fromEntries(
      Object.entries(said).filter((field): field is [string, string] => field[1] !== undefined),
    );
    return this.#inOrder(async () => {
      await this.#letDueHappen();
      const { database, clock, reader } = this.#world;
      const { id } = findResident(database, personId);
      const now = wholeSecond(clock());
      const when = at === undefined ? now : wholeSecond(parseMoment(at));
      if (when < now) throw new SandboxError("DATE_UNSUITABLE", "only a new resident's events are in the past");
      if (when > now) {
        this.plan(id, { type, at: when, input });
        this.arm();
        return "planned";
      }
      reader.takeCard(id);
      await withKeys(database, (keys) => letHappenAndRecord(this.#world, id, { type, at: now, input }, keys));
      return "happened";
    });
  }

  /** Plans an event without looking whether it will be possible. Throws FULL. */
  plan(personId: string, event: { type: string; at: Date; input: Record<string, string> }): number {
    const { database } = this.#world;
    if (countPlanned(database, personId) >= most.ofOne || countPlanned(database) >= most.ofAll) {
      throw new SandboxError("FULL", "so many events are planned already");
    }
    return recordPlanned(database, personId, event);
  }

  /** Throws EVENT_NOT_FOUND, and EVENT_NOT_PENDING for what has happened or was cancelled. */
  cancel(personId: string, eventId: number): void {
    const { database } = this.#world;
    findResident(database, personId);
    if (cancelPlanned(database, personId, eventId)) return;
    if (!findLifeEvent(database, personId, eventId)) {
      throw new SandboxError("EVENT_NOT_FOUND", "the resident has no such event");
    }
    throw new SandboxError("EVENT_NOT_PENDING", "only a planned event can be cancelled");
  }

  /** Moves the clock; resolves when it has arrived and all that was due on the way has happened. */
  moveClock(to: Date): Promise<void> {
    this.#world.sandboxClock.setDestination(to);
    return this.catchUp();
  }

  /** Resolves when all that is due has happened, and the clock is where it was moved to. */
  catchUp(): Promise<void> {
    return this.#inOrder(() => this.#letDueHappen());
  }

  /** Begins with what is due, as after a start, without waiting for it. */
  resume(): void {
    this.catchUp().catch((error: unknown) => {
      if (!this.#closed) this.#world.log("error", "planned events do not happen", { error: String(error) });
    });
  }

  /** Ends what waits; an event that is under way is finished or undone. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #letDueHappen(): Promise<void> {
    const { database, sandboxClock } = this.#world;
    while (!this.#closed) {
      const next = firstPlanned(database);
      if (!next || next.at > sandboxClock.destination()) {
        sandboxClock.arrive();
        this.arm();
        return;
      }
      await this.#letPlannedHappen(next);
    }
  }

  /** Not possible any more is an outcome, too: the resident may have died before. */
  async #letPlannedHappen(planned: LifeEventRecord): Promise<void> {
    const { database, reader, sandboxClock } = this.#world;
    const { id, personId, type } = planned;
    const input = shownInput(type, planned.input);
    reader.takeCard(personId);
    try {
      await withKeys(database, (keys) => {
        // Cancelled while its keys were made.
        if (findLifeEvent(database, personId, id)?.state !== "pending") return;
        sandboxClock.recordStep(planned.at);
        const outcome = letHappen(this.#world, personId, planned, keys);
        settlePlanned(database, id, { state: "done", input, outcome });
      });
    } catch (error) {
      // It is still planned, and happens at the next start.
      if (this.#closed) return;
      const outcome = this.#failureOf(error);
      transaction(database, () => {
        sandboxClock.recordStep(planned.at);
        settlePlanned(database, id, { state: "failed", input, outcome });
      });
    }
    sandboxClock.reread();
    this.#world.log("info", "planned life event", { person: personId, type });
  }

  #failureOf(error: unknown): Failure {
    if (error instanceof SandboxError) return { code: error.code, message: error.message };
    this.#world.log("error", "unforeseen error", { error: error instanceof Error ? error.stack : String(error) });
    return { code: "INTERNAL", message: "internal error" };
  }

  /** Wakes up for the next planned event; to be called when one was planned. */
  arm(): void {
    clearTimeout(this.#timer);
    const next = firstPlanned(this.#world.database);
    if (this.#closed || !next) return;
    const wait = Math.min(Math.max(next.at.getTime() - this.#world.clock().getTime(), 0), longestWait);
    this.#timer = setTimeout(() => this.resume(), wait).unref();
  }
}

function wholeSecond(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}
