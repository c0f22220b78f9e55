import { dayLength } from "../calendar.ts";
import { SandboxError } from "../error.ts";
import { type Ahead, readAhead, recordAhead } from "../store/clock.ts";
import type { Database } from "../store/database.ts";

/** As long as the platform's own authority is sure to stand: what is issued later would end before it began. */
const furthest = 10 * 365 * dayLength;

/**
 * The time in the simulated Japan: it goes as fast as the machine's and may be moved forward, never back. It is moved in
 * steps: `setDestination` says where to, `recordStep` goes on to the next event that is due on the way, and `arrive` goes the
 * rest. Nobody ever sees a time at which something that was due before has not happened.
 */
export class SandboxClock {
  readonly #database: Database;
  readonly #real: () => Date;
  #state: Ahead;

  constructor(database: Database, real: () => Date) {
    this.#database = database;
    this.#real = real;
    this.#state = readAhead(database);
  }

  now(): Date {
    return new Date(this.#real().getTime() + this.#state.ahead);
  }

  /** Milliseconds by which it is ahead of the machine's clock. */
  get ahead(): number {
    return this.#state.ahead;
  }

  /** The time that it will show when it has arrived where it was moved to; now, when it was not moved. */
  destination(): Date {
    return new Date(this.#real().getTime() + this.#state.destination);
  }

  get isMoving(): boolean {
    return this.#state.destination > this.#state.ahead;
  }

  /** Whether it may be moved there. Throws CLOCK_BACKWARDS, and CLOCK_TOO_FAR for more than ten years. */
  check(at: Date): void {
    if (at < this.destination()) throw new SandboxError("CLOCK_BACKWARDS", "the clock of the sandbox never goes back");
    if (at.getTime() - this.#real().getTime() > furthest) {
      throw new SandboxError("CLOCK_TOO_FAR", "the clock goes at most ten years ahead");
    }
  }

  /** On the disk when this returns. Throws as `check`. */
  setDestination(at: Date): void {
    this.check(at);
    const { ahead, destination } = this.#state;
    this.#record({ ahead, destination: Math.max(destination, at.getTime() - this.#real().getTime()) });
  }

  /**
   * Writes down the step to a moment on the way, or to nowhere when that is past already. For the transaction of what
   * happens then: it counts when that is committed and `reread` was called.
   */
  recordStep(at: Date): void {
    const { ahead, destination } = this.#state;
    const step = Math.max(ahead, at.getTime() - this.#real().getTime());
    recordAhead(this.#database, { ahead: step, destination: Math.max(step, destination) });
  }

  arrive(): void {
    const { destination } = this.#state;
    if (this.isMoving) this.#record({ ahead: destination, destination });
  }

  reread(): void {
    this.#state = readAhead(this.#database);
  }

  #record(state: Ahead): void {
    recordAhead(this.#database, state);
    this.#state = state;
  }
}
