import { setTimeout as wait } from "node:timers/promises";
import type { Context, MiddlewareHandler } from "hono";
import { SandboxError } from "../error.ts";
import { claimedVerifier } from "../jlis/verifier-token.ts";
import type { World } from "../world.ts";

/** How many calls may be held back at once, so that a delay is no way to use up the sandbox. */
const maximumHeld = 1000;

/**
 * J-LIS down, slow or late, for the verifier whose token a call carries; who it really is may be checked later. Registration
 * plays a contract between people and goes on.
 */
export function jlisFaults({ faults }: World): MiddlewareHandler {
  let held = 0;
  const hold = async (seconds: number, context: Context) => {
    if (held >= maximumHeld) throw new SandboxError("UNAVAILABLE", "too many calls wait already");
    held++;
    try {
      await wait(seconds * 1000, undefined, { signal: context.req.raw.signal, ref: false });
    } catch {
      // The caller is gone: there is nobody to wait for.
    } finally {
      held--;
    }
  };
  return async (context, next) => {
    if (context.req.path.endsWith("/verifiers")) return next();
    const whom = { verifier: claimedVerifier(context.req.header("authorization")) };
    if (faults.take("jlis-down", whom)) throw new SandboxError("UNAVAILABLE", "J-LIS is down");
    const slow = faults.take("jlis-slow", whom);
    if (slow) await hold(slow.seconds, context);
    await next();
    const late = faults.take("jlis-late", whom);
    if (late) await hold(late.seconds, context);
  };
}
