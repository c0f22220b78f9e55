import { z } from "zod";
import { boundedFetch } from "./bounded-fetch.ts";

const timeout = 2000;
const maxOctets = 4096;
/** For how long what the sandbox said of its clock is believed, in milliseconds. */
const believedFor = 250;

const Clock = z.object({ aheadMilliseconds: z.int().min(0) });

/**
 * The time in the simulated Japan: our own clock and what the sandbox's is ahead of the real time, asked when the last
 * answer is older than a quarter of a second; callers that come while it is asked share the answer. While the sandbox
 * does not answer, the last answer counts. Loaded in the sandbox profile only.
 */
export function followSandboxClock(url: string, clock: () => number): () => Promise<number> {
  let ahead = 0;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;
  const ask = async () => {
    try {
      const { status, body } = await boundedFetch(url, { timeout, maxOctets });
      if (status === 200) ahead = Clock.parse(JSON.parse(body.toString("utf8"))).aheadMilliseconds;
    } catch {
      // The sandbox is not there: whoever needs an answer about a certificate hears so.
    }
    askedAt = performance.now();
    asking = undefined;
  };
  return async () => {
    if (performance.now() - askedAt > believedFor) {
      asking ??= ask();
      await asking;
    }
    return clock() + ahead;
  };
}
