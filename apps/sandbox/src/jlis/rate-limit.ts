import { SandboxError } from "../error.ts";

/** So many calls at once, and so many a second after that, for each name. */
export class RateLimit {
  readonly #burst: number;
  readonly #perSecond: number;
  /** Milliseconds. */
  readonly #now: () => number;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor({ burst, perSecond, now }: { burst: number; perSecond: number; now: () => number }) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** Throws TOO_MANY_REQUESTS. Names are kept for good: let only known ones in. */
  take(name: string): void {
    const at = this.#now();
    const before = this.#buckets.get(name) ?? { left: this.#burst, at };
    const left = Math.min(this.#burst, before.left + (Math.max(0, at - before.at) / 1000) * this.#perSecond);
    if (left < 1) throw new SandboxError("TOO_MANY_REQUESTS", `at most ${this.#perSecond} calls a second`);
    this.#buckets.set(name, { left: left - 1, at });
  }
}
