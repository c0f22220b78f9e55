import type { Database } from "./database.ts";

/** Milliseconds by which the world's clock is ahead of the machine's. */
export function readAhead(database: Database): number {
  return (database.prepare("SELECT ahead FROM clock").get() as { ahead: number }).ahead;
}

export function recordAhead(database: Database, ahead: number): void {
  database.prepare("UPDATE clock SET ahead = ?").run(ahead);
}
