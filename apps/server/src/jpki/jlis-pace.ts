import { setTimeout as delay } from "node:timers/promises";

/**
 * Keeps calls to so many a second after a burst, in the order in which they come. What J-LIS allows a verifier is for all of
 * its processes, so one that has much to ask stays well below it.
 */
export class JlisPace {
  readonly #burst: number;
  readonly #perSecond: number;
  /** When the bucket was, or will be, full again, in milliseconds of `performance.now()`. */
  #fullAt = 0;

  constructor({ burst, perSecond }: { burst: number; perSecond: number }) {
    this.#burst = burst;
    this.#perSecond = perSecond;
  }

  /** Resolves when one more call may go out. */
  async take(): Promise<void> {
    const now = performance.now();
    const each = 1000 / this.#perSecond;
    this.#fullAt = Math.max(this.#fullAt, now) + each;
    const wait = this.#fullAt - now - this.#burst * each;
    if (wait > 0) await delay(wait);
  }
}
