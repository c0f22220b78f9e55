import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresDriver,
  PostgresIntrospector,
  type PostgresPool,
  PostgresQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from "kysely";
import type { PipelinedConnections } from "./pipelined-connections.ts";
import { statementName } from "./statement-name.ts";

/** Kysely on PostgreSQL: single statements go over shared connections, a transaction has one of its own from a pool. */
export function pipelinedDialect(statements: PipelinedConnections, transactions: PostgresPool): Dialect {
  return {
    createDriver: () => new PipelinedDriver(statements, transactions),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (database) => new PostgresIntrospector(database),
  };
}

class PipelinedDriver implements Driver {
  readonly #statements: PipelinedConnections;
  readonly #transactions: PostgresDriver;

  constructor(statements: PipelinedConnections, transactions: PostgresPool) {
    this.#statements = statements;
    this.#transactions = new PostgresDriver({ pool: transactions });
  }

  init(): Promise<void> {
    return this.#transactions.init();
  }

  async acquireConnection(): Promise<Connection> {
    return new Connection(this.#statements);
  }

  async beginTransaction(connection: Connection, settings: TransactionSettings): Promise<void> {
    connection.own = await this.#transactions.acquireConnection();
    await this.#transactions.beginTransaction(connection.own as never, settings);
  }

  async commitTransaction({ own }: Connection): Promise<void> {
    await this.#transactions.commitTransaction(own as never);
  }

  async rollbackTransaction({ own }: Connection): Promise<void> {
    await this.#transactions.rollbackTransaction(own as never);
  }

  async releaseConnection({ own }: Connection): Promise<void> {
    if (own) await this.#transactions.releaseConnection(own as never);
  }

  /** Connections are closed by who opened them. */
  async destroy(): Promise<void> {}
}

class Connection implements DatabaseConnection {
  readonly #statements: PipelinedConnections;
  /** The transaction's, once one has begun. */
  own: DatabaseConnection | undefined;

  constructor(statements: PipelinedConnections) {
    this.#statements = statements;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.own) return this.own.executeQuery<Row>(query);
    const { sql: text, parameters: values } = query;
    const { command, rowCount, rows } = await this.#statements.query({ name: statementName(text), text, values });
    const result = { rows: rows as Row[] };
    return writes.has(command) ? { ...result, numAffectedRows: BigInt(rowCount ?? 0) } : result;
  }

  // biome-ignore lint/correctness/useYield: there are no cursors on a shared connection.
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new TypeError("rows are not streamed");
  }
}

const writes = new Set(["INSERT", "UPDATE", "DELETE", "MERGE"]);
