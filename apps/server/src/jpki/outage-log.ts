import type { Logger } from "pino";
import { JpkiError } from "./jpki-error.ts";

export type Source = "OCSP" | "CRL" | "J-LIS" | "TSA" | "witness";

type Outage = { since: number; lastFailure: number };

/** Milliseconds without a failure after which an answer ends an outage: one that comes and goes is one. */
const quiet = 60_000;

/**
 * Tells the log when a source, of JPKI or of what vouches for evidence, stops answering, once, and when it is back. Nothing of what was asked goes into
 * it: neither certificates nor serial numbers.
 */
export class OutageLog {
  readonly #log: Pick<Logger, "warn">;
  readonly #clock: () => number;
  readonly #outages = new Map<string, Outage>();

  constructor(log: Pick<Logger, "warn">, clock: () => number) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Settles as `ask` does. `address` is the configured one. */
  async watch<T>(source: Source, address: string, ask: () => Promise<T>): Promise<T> {
    try {
      const answer = await ask();
      this.#answered(source, address);
      return answer;
    } catch (error) {
      // Not to know a certificate is an answer too.
      if (error instanceof JpkiError && error.code === "JLIS_UNKNOWN_SERIAL") this.#answered(source, address);
      else this.#failed(source, address, error);
      throw error;
    }
  }

  #failed(source: Source, address: string, error: unknown): void {
    const now = this.#clock();
    const outage = this.#outages.get(address);
    this.#outages.set(address, { since: outage?.since ?? now, lastFailure: now });
    if (!outage) this.#log.warn({ source, address, reason: reasonOf(error) }, `${source} gives no usable answer`);
  }

  #answered(source: Source, address: string): void {
    const outage = this.#outages.get(address);
    if (!outage || this.#clock() - outage.lastFailure < quiet) return;
    this.#outages.delete(address);
    const seconds = Math.round((outage.lastFailure - outage.since) / 1000);
    this.#log.warn({ source, address, seconds }, `${source} answers again`);
  }
}

/** What we found wrong ourselves, or the innermost code such as ECONNREFUSED, or a name: other messages might quote. */
function reasonOf(error: unknown): string {
  let reason = "unknown";
  for (let depth = 0; error instanceof Error && depth < 5; depth++) {
    if (error instanceof RangeError) return error.message;
    const { code, name, cause } = error as Error & { code?: unknown };
    reason = typeof code === "string" ? code : name;
    error = cause;
  }
  return reason;
}
