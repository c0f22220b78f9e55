import { Town, type TownPlan } from "../town/town.ts";
import type { Database } from "./database.ts";

/** Undefined for a world that was found to have none. */
const opened = new WeakMap<Database, Town | undefined>();

/** The town of this world, if it has one. */
export function findTown(database: Database): Town | undefined {
  if (opened.has(database)) return opened.get(database);
  const row = database.prepare("SELECT seed, residents, founded_on, first_serial FROM town").get() as
    | { seed: number; residents: number; founded_on: string; first_serial: number }
    | undefined;
  const town =
    row &&
    new Town({ seed: row.seed, residents: row.residents, foundedOn: row.founded_on, firstSerial: row.first_serial });
  opened.set(database, town);
  return town;
}

/** Founds the town and takes its serial numbers out of both series. To be called in a transaction, and once only. */
export function recordTown(database: Database, { seed, residents, foundedOn, firstSerial }: TownPlan): Town {
  database.prepare("INSERT INTO town VALUES (1, ?, ?, ?, ?)").run(seed, residents, foundedOn, firstSerial);
  opened.delete(database);
  const town = new Town({ seed, residents, foundedOn, firstSerial });
  database.prepare("UPDATE serial_numbers SET next = ?").run(firstSerial + town.serials);
  return town;
}

/** The first serial number that is free in both series. */
export function nextSerial(database: Database): number {
  return (database.prepare("SELECT max(next) AS next FROM serial_numbers").get() as { next: number }).next;
}
