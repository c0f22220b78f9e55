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

/** What the world's clock shows, and where it is going while events on the way still happen; times in ISO 8601. */
export type PresentedClock = { now: string; aheadMilliseconds: number; movingTo?: string };

/** /api/clock: the time in the simulated Japan. */
export function clockRoutes(world: World): Hono {
  return new Hono()
    .get("/", (context) => context.json(presentClock(world)))
    .post("/", async (context) => {
      await moveClock(world, await readJson(context, ClockMove));
      return context.json(presentClock(world));
    });
}

/** Where a move would bring the clock. Throws MALFORMED, CLOCK_BACKWARDS, CLOCK_TOO_FAR. */
export function destinationOf({ clock, sandboxClock }: World, { to, by }: ClockMove): Date {
  if (to === undefined && by === undefined) throw new SandboxError("MALFORMED", "where to is missing");
  const destination = to === undefined ? addDuration(clock(), by as string) : parseMoment(to);
  sandboxClock.check(destination);
  return destination;
}

/** Resolves when all that was due on the way has happened. Throws as `destinationOf`. */
export async function moveClock(world: World, move: ClockMove): Promise<void> {
  await world.schedule.moveClock(destinationOf(world, move));
  world.log("info", "the clock was moved", { now: world.clock().toISOString() });
}

function presentClock({ sandboxClock }: World): PresentedClock {
  const shown = { now: sandboxClock.now().toISOString(), aheadMilliseconds: sandboxClock.ahead };
  return sandboxClock.isMoving ? { ...shown, movingTo: sandboxClock.destination().toISOString() } : shown;
}
