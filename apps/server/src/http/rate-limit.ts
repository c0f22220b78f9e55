import { ApiProblem } from "./problem.ts";

export type Limit = {
  /** How many at once. */
  burst: number;
  /** How many more each second. */
  perSecond: number;
};

/** Where a caller stands after a call was counted. */
export type LimitStanding = {
  limit: number;
  /** Calls that would be taken at once. */
  remaining: number;
  /** Seconds until all are. */
  reset: number;
};

const maxBuckets = 50_000;

/**
 * Token buckets by key (an address, a device) in this process: several processes allow as many times more, and a
 * restart forgets. Memory is bounded; when it is full, whoever was quiet longest starts afresh.
 */
export class RateLimiter {
  readonly #limit: Limit;
  readonly #clock: () => number;
  /** In the order of last use. */
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** @param clock milliseconds since 1970 */
  constructor(limit: Limit, clock: () => number) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Throws `ApiProblem("RATE_LIMITED")` that says when to come again. */
  take(key: string): LimitStanding {
    const now = this.#clock();
    const { burst, perSecond } = this.#limit;
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    // A clock that was set back gives nothing and takes nothing.
    const refilled = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * perSecond);
    const enough = refilled >= 1;
    this.#buckets.delete(key);
    if (this.#buckets.size >= maxBuckets) this.#buckets.delete(this.#buckets.keys().next().value as string);
    const tokens = enough ? refilled - 1 : refilled;
    this.#buckets.set(key, { tokens, at: now });
    if (!enough) throw new ApiProblem("RATE_LIMITED", { retryAfter: Math.ceil((1 - refilled) / perSecond) });
    return { limit: burst, remaining: Math.floor(tokens), reset: Math.ceil((burst - tokens) / perSecond) };
  }
}
