import type { PostgresPool, PostgresPoolClient } from "kysely";
import pg from "pg";

/** Texts that get a name. The queries of a program are far fewer; lists of changing length could make more. */
const maxNames = 1_000;

const names = new Map<string, string>();

/**
 * A pool for Kysely that has PostgreSQL plan each statement with parameters once per connection: parsing and planning
 * cost more than running most of ours. A statement that cannot be run as planned any more, because a migration has
 * changed its table, is planned anew.
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
  #inTransaction = false;
  #isStale = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  get processID(): number | undefined {
    return (this.#client as { processID?: number }).processID;
  }

  async query(text: string, parameters: readonly unknown[]): Promise<pg.QueryResult> {
    if (parameters.length === 0) {
      // Kysely's own words, and migrations, which hold several statements.
      if (/^(begin|start transaction)/.test(text)) this.#inTransaction = true;
      else if (text === "commit" || text === "rollback") this.#inTransaction = false;
      return this.#client.query(text);
    }
    const name = nameOf(text);
    const values = parameters as unknown[];
    if (name === undefined) return this.#client.query(text, values);
    try {
      return await this.#client.query({ name, text, values });
    } catch (error) {
      if (!isStalePlan(error)) throw error;
      this.#isStale = true;
      if (this.#inTransaction) throw error;
      return this.#client.query(text, values);
    }
  }

  /** A connection with a stale plan is closed: the next one plans anew. */
  release(destroy?: boolean): void {
    this.#client.release(destroy || this.#isStale);
  }
}

/** 0A000, "cached plan must not change result type". */
export function isStalePlan(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === "0A000" && error.message.includes("cached plan");
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= maxNames) return known;
  const name = `k${names.size}`;
  names.set(text, name);
  return name;
}
