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
    const tokens = this.#tokens(key);
    const enough = tokens >= 1;
    this.#buckets.delete(key);
    if (this.#buckets.size >= maxBuckets) this.#buckets.delete(this.#buckets.keys().next().value as string);
    this.#buckets.set(key, { tokens: enough ? tokens - 1 : tokens, at: this.#clock() });
    if (!enough) throw this.#refusal(tokens);
    return this.#standing(tokens - 1);
  }

  /** Throws as `take` would now, and counts nothing. */
  check(key: string): void {
    const tokens = this.#tokens(key);
    if (tokens < 1) throw this.#refusal(tokens);
  }

  #tokens(key: string): number {
    const { burst, perSecond } = this.#limit;
    const bucket = this.#buckets.get(key);
    if (!bucket) return burst;
    // A clock that was set back gives nothing and takes nothing.
    return Math.min(burst, bucket.tokens + (Math.max(0, this.#clock() - bucket.at) / 1000) * perSecond);
  }

  #standing(tokens: number): LimitStanding {
    const { burst, perSecond } = this.#limit;
    return { limit: burst, remaining: Math.floor(tokens), reset: Math.ceil((burst - tokens) / perSecond) };
  }

  #refusal(tokens: number): ApiProblem {
    const retryAfter = Math.ceil((1 - tokens) / this.#limit.perSecond);
    return new ApiProblem("RATE_LIMITED", { retryAfter, headers: limitHeaders(this.#standing(tokens)) });
  }
}

/** The same three headers on every answer that counts calls. */
export function limitHeaders({ limit, remaining, reset }: LimitStanding): Record<string, string> {
  return {
    "ratelimit-limit": String(limit),
    "ratelimit-remaining": String(remaining),
    "ratelimit-reset": String(reset),
  };
}
