import type { Database } from "./database.ts";

/** Milliseconds by which the world's clock is ahead of the machine's, now and when it has arrived where it was moved to. */
export type Ahead = { ahead: number; destination: number };

export function readAhead(database: Database): Ahead {
  return { ...(database.prepare("SELECT ahead, destination FROM clock").get() as Ahead) };
}

export function recordAhead(database: Database, { ahead, destination }: Ahead): void {
  database.prepare("UPDATE clock SET ahead = ?, destination = ?").run(ahead, destination);
}
