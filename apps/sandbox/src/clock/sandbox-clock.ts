import { dayLength } from "../calendar.ts";
import { SandboxError } from "../error.ts";
import { readAhead, recordAhead } from "../store/clock.ts";
import type { Database } from "../store/database.ts";

/** As long as the platform's own authority is sure to stand: what is issued later would end before it began. */
const furthest = 10 * 365 * dayLength;

/** The time in the simulated Japan: it goes as fast as the machine's and may be moved forward, never back. */
export class SandboxClock {
  readonly #database: Database;
  readonly #real: () => Date;
  #ahead: number;

  constructor(database: Database, real: () => Date) {
    this.#database = database;
    this.#real = real;
    this.#ahead = readAhead(database);
  }

  now(): Date {
    return new Date(this.#real().getTime() + this.#ahead);
  }

  /** Milliseconds by which it is ahead of the machine's clock. */
  get ahead(): number {
    return this.#ahead;
  }

  /** On the disk when this returns. Throws CLOCK_BACKWARDS, and CLOCK_TOO_FAR for more than ten years. */
  moveTo(at: Date): void {
    const ahead = Math.max(this.#ahead, at.getTime() - this.#real().getTime());
    if (at < this.now()) throw new SandboxError("CLOCK_BACKWARDS", "the clock of the sandbox never goes back");
    if (ahead > furthest) throw new SandboxError("CLOCK_TOO_FAR", "the clock goes at most ten years ahead");
    recordAhead(this.#database, ahead);
    this.#ahead = ahead;
  }
}
