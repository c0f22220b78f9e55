import { Town, type TownPlan } from "../town/town.ts";
import type { Database } from "./database.ts";

const opened = new WeakMap<Database, Town>();

/** The town of this world, if it has one. */
export function findTown(database: Database): Town | undefined {
  const known = opened.get(database);
  if (known) return known;
  const row = database.prepare("SELECT seed, residents, founded_on, first_serial FROM town").get() as
    | { seed: number; residents: number; founded_on: string; first_serial: number }
    | undefined;
  if (!row) return undefined;
  const { seed, residents, founded_on: foundedOn, first_serial: firstSerial } = row;
  const town = new Town({ seed, residents, foundedOn, firstSerial });
  opened.set(database, town);
  return town;
}

/** Founds the town and takes its serial numbers out of both series. To be called in a transaction, and once only. */
export function recordTown(database: Database, { seed, residents, foundedOn, firstSerial }: TownPlan): Town {
  database.prepare("INSERT INTO town VALUES (1, ?, ?, ?, ?)").run(seed, residents, foundedOn, firstSerial);
  const town = findTown(database)!;
  database.prepare("UPDATE serial_numbers SET next = ?").run(firstSerial + town.serials);
  return town;
}

/** The first serial number that is free in both series. */
export function nextSerial(database: Database): number {
  return (database.prepare("SELECT max(next) AS next FROM serial_numbers").get() as { next: number }).next;
}
