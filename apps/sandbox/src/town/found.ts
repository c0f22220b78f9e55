import { z } from "zod";
import { generation, generationAt } from "../ca/generation.ts";
import { type Kind, kinds } from "../ca/kind.ts";
import { type Day, dayInJapan, dayLength, isDay, startOfDay } from "../calendar.ts";
import { SandboxError } from "../error.ts";
import { transaction } from "../store/database.ts";
import { findTown, nextSerial, recordTown } from "../store/town.ts";
import type { World } from "../world.ts";
import { daysOfPast, largestTown, type Town, type TownPlan } from "./town.ts";

export const TownRequest = z.strictObject({
  residents: z.int().min(1).max(largestTown),
  seed: z.int().min(0).max(0xffff_ffff).optional(),
  /** The end of its past, today unless given: the same day and seed give the same town. */
  foundedOn: z.string().refine(isDay).optional(),
});
export type TownRequest = z.infer<typeof TownRequest>;

/** Where a town's serial numbers begin in a new world, so that they are the same in each. */
const usualFirstSerial = 0x0400_0000;

/**
 * Founds the town. The same town again is no error. Throws TOWN_EXISTS where there is another, and MALFORMED for a day to
 * come or too long ago.
 */
export function foundTown(world: World, request: TownRequest): Town {
  const { database } = world;
  const today = dayInJapan(world.clock());
  const existing = findTown(database);
  if (existing) {
    const { seed, residents, foundedOn } = existing.plan;
    const isSame =
      residents === request.residents &&
      seed === (request.seed ?? 0) &&
      (request.foundedOn === undefined || foundedOn === request.foundedOn);
    if (!isSame) throw new SandboxError("TOWN_EXISTS", "this world has a town already; a new world can have another");
    return existing;
  }
  const foundedOn = request.foundedOn ?? today;
  const days = {
    first: dayInJapan(new Date(startOfDay(foundedOn).getTime() - daysOfPast * dayLength)),
    last: foundedOn,
  };
  if (foundedOn > today || startOfDay(days.first) < generation(1).notBefore) {
    throw new SandboxError("MALFORMED", "foundedOn is to come, or five years before it there was no authority");
  }
  makeGenerations(world, days);
  return transaction(database, () => {
    const firstSerial = Math.max(usualFirstSerial, nextSerial(database));
    const plan: TownPlan = { seed: request.seed ?? 0, residents: request.residents, foundedOn, firstSerial };
    return recordTown(database, plan);
  });
}

/** Authorities that issued to the town and have ended since are not there by themselves. */
function makeGenerations({ authorities }: World, { first, last }: { first: Day; last: Day }): void {
  for (let { number } = generationAt(startOfDay(first)); number <= generationAt(startOfDay(last)).number; number++) {
    for (const kind of kinds) authorities.issuing(kind, generation(number).notBefore);
  }
}

/** What a town's revocation lists hold by its past alone. */
export type RevokedCounts = Record<Kind, { generation: number; revoked: number }[]>;

/** Goes through the lists of every generation that is known, and says now and then how many entries it has found. */
export async function* countRevokedOfTown(world: World, town: Town): AsyncGenerator<number, RevokedCounts> {
  const counts: RevokedCounts = { signature: [], authentication: [] };
  let found = 0;
  for (const kind of kinds) {
    for (const { generation } of world.authorities.generations(kind)) {
      const before = found;
      for (const _ of town.revoked(kind, generation)) {
        found++;
        if (found % 100_000 === 0) yield found;
      }
      counts[kind].push({ generation, revoked: found - before });
    }
  }
  return counts;
}
