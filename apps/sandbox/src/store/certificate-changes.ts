import type { Kind } from "../ca/kind.ts";
import type { Database } from "./database.ts";

/** The number of the latest change of any certificate; 0 before the first. */
export function latestChange(database: Database): number {
  const row = database.prepare("SELECT max(sequence) AS latest FROM certificate_changes").get() as {
    latest: number | null;
  };
  return row.latest ?? 0;
}

/** The serial numbers of those that changed after one number and up to another. */
export function changedSerials(database: Database, kind: Kind, after: number, until: number): Set<number> {
  const rows = database
    .prepare("SELECT DISTINCT serial FROM certificate_changes WHERE kind = ? AND sequence > ? AND sequence <= ?")
    .iterate(kind, after, until) as Iterable<{ serial: number }>;
  const serials = new Set<number>();
  for (const { serial } of rows) serials.add(serial);
  return serials;
}
