import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "./database.ts";

/** For how long a lease is taken or renewed, and how often it is renewed, in milliseconds. */
const duration = 30_000;
const interval = 10_000;

/** Another process works by now: what this one has found is not to be written. */
export class LeaseLost extends Error {}

/**
 * One of many processes at a time works on what a name stands for. A process that dies leaves it to the others after half a
 * minute. Clocks of machines may differ by less than that. Every transaction of the work confirms the lease, so that one who
 * was only slow writes nothing any more.
 */
export class Lease {
  readonly #database: Database;
  readonly #clock: () => number;
  readonly #name: string;
  readonly #holder: string;
  readonly #timer: NodeJS.Timeout;

  private constructor(parts: { database: Database; clock: () => number }, name: string, holder: string) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#name = name;
    this.#holder = holder;
    // One that fails leaves it to `confirm` to find out.
    this.#timer = setInterval(() => void this.#renew(this.#database).catch(() => undefined), interval);
    this.#timer.unref();
  }

  /** Undefined while somebody else holds it. */
  static async take(parts: { database: Database; clock: () => number }, name: string): Promise<Lease | undefined> {
    const holder = randomUUID();
    const now = parts.clock();
    const { rows } = await sql`
      INSERT INTO leases AS l (name, holder, held_until)
      VALUES (${name}, ${holder}::uuid, ${new Date(now + duration)})
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
        WHERE l.held_until <= ${new Date(now)}
      RETURNING name`.execute(parts.database);
    return rows.length === 1 ? new Lease(parts, name, holder) : undefined;
  }

  /** Holds the lease until the transaction ends. Throws `LeaseLost`. */
  async confirm(tx: DatabaseTransaction): Promise<void> {
    if (!(await this.#renew(tx))) throw new LeaseLost(this.#name);
  }

  /** Leaves the work to whoever comes next. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#database
      .deleteFrom("leases")
      .where("name", "=", this.#name)
      .where("holder", "=", this.#holder)
      .execute();
  }

  async #renew(database: Database | DatabaseTransaction): Promise<boolean> {
    const { numUpdatedRows } = await database
      .updateTable("leases")
      .set({ held_until: new Date(this.#clock() + duration) })
      .where("name", "=", this.#name)
      .where("holder", "=", this.#holder)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }
}
