import { Hono } from "hono";
import { z } from "zod";
import { SandboxError } from "../error.ts";
import { readJson } from "../http/json-body.ts";
import type { World } from "../world.ts";
import { addDuration, parseMoment } from "./moment.ts";

/** Where to move the clock: to a moment, or by a duration. */
export const ClockMove = z
  .strictObject({ to: z.string().max(40).optional(), by: z.string().max(40).optional() })
  .refine(({ to, by }) => (to === undefined) !== (by === undefined), { path: ["to"] });
export type ClockMove = z.infer<typeof ClockMove>;

/** What the world's clock shows; times in ISO 8601. */
export type PresentedClock = { now: string; aheadMilliseconds: number };

/** /api/clock: the time in the simulated Japan. */
export function clockRoutes(world: World): Hono {
  return new Hono()
    .get("/", (context) => context.json(presentClock(world)))
    .post("/", async (context) => {
      moveClock(world, await readJson(context, ClockMove));
      return context.json(presentClock(world));
    });
}

/** Throws MALFORMED, CLOCK_BACKWARDS, CLOCK_TOO_FAR. */
export function moveClock(world: World, { to, by }: ClockMove): void {
  if (to === undefined && by === undefined) throw new SandboxError("MALFORMED", "where to is missing");
  world.sandboxClock.moveTo(to === undefined ? addDuration(world.clock(), by as string) : parseMoment(to));
  world.log("info", "the clock was moved", { now: world.clock().toISOString() });
}

function presentClock({ sandboxClock }: World): PresentedClock {
  return { now: sandboxClock.now().toISOString(), aheadMilliseconds: sandboxClock.ahead };
}
