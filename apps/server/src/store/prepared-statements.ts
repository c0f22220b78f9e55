import type { PostgresPool, PostgresPoolClient } from "kysely";
import type pg from "pg";
import { isStalePlan, statementName } from "./statement-name.ts";

/**
 * A pool for Kysely's transactions that has PostgreSQL plan each statement with parameters once per connection. One that
 * cannot be run as planned any more fails (`isStalePlan`), and its connection is closed: the next one plans anew.
 */
export function withPreparedStatements(pool: pg.Pool): PostgresPool {
  const clients = new WeakMap<pg.PoolClient, PreparingClient>();
  return {
    async connect() {
      const client = await pool.connect();
      const known = clients.get(client) ?? new PreparingClient(client);
      clients.set(client, known);
      return known as unknown as PostgresPoolClient;
    },
    end: () => pool.end(),
    options: pool.options,
  };
}

/** The half of `PostgresPoolClient` that is used: texts with parameters, no cursors. */
class PreparingClient {
  readonly #client: pg.PoolClient;
  #isStale = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  get processID(): number | undefined {
    return (this.#client as { processID?: number }).processID;
  }

  async query(text: string, parameters: readonly unknown[]): Promise<pg.QueryResult> {
    // Without parameters: Kysely's own words, and migrations, which hold several statements.
    if (parameters.length === 0) return this.#client.query(text);
    const name = statementName(text);
    const values = parameters as unknown[];
    try {
      return await this.#client.query(name === undefined ? { text, values } : { name, text, values });
    } catch (error) {
      this.#isStale ||= isStalePlan(error);
      throw error;
    }
  }

  release(destroy?: boolean): void {
    this.#client.release(destroy || this.#isStale);
  }
}
