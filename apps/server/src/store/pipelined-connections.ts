import type { Writable } from "node:stream";
import pg from "pg";
import { isStalePlan } from "./statement-name.ts";

/** One statement, a transaction of its own. `name`: the same text always, planned once per connection. */
export type Statement = { name?: string | undefined; text: string; values: readonly unknown[] };

/**
 * Connections that many calls share: a statement is sent without waiting for the answers to those before it, and those
 * of one turn of the event loop leave in one write. On the hot paths talking to PostgreSQL costs more than what it does.
 *
 * A statement waits for those before it on its connection, so this is for short ones that wait for no lock of a
 * transaction which itself waits for a statement here; `patience` bounds each.
 */
export class PipelinedConnections {
  readonly #lanes: Lane[];

  /** Nothing is connected until the first statement. */
  constructor(settings: pg.ClientConfig, { count }: { count: number }) {
    this.#lanes = Array.from({ length: count }, () => new Lane(settings));
  }

  /** Rejects with `pg.DatabaseError`, or with the error of a connection that broke: then it may or may not have happened. */
  query<Row extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<Row>> {
    let quietest = this.#lanes[0] as Lane;
    for (const lane of this.#lanes) if (lane.waiting < quietest.waiting) quietest = lane;
    return quietest.query<Row>(statement);
  }

  /** What was sent is answered first. */
  async end(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.end()));
  }
}

/** The longest that a statement may run, in milliseconds. */
const patience = 15_000;

class Lane {
  readonly #settings: pg.ClientConfig;
  #client: pg.Client | undefined;
  #connecting: Promise<pg.Client> | undefined;
  /** Statements sent, or waiting to be sent, whose answer is not here. */
  waiting = 0;

  constructor(settings: pg.ClientConfig) {
    this.#settings = { ...settings, pipeline: true, statement_timeout: patience } as pg.ClientConfig;
  }

  async query<Row extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<Row>> {
    this.waiting++;
    try {
      const client = this.#client ?? (await this.#connect());
      try {
        return await send<Row>(client, statement);
      } catch (error) {
        if (!isStalePlan(error)) throw error;
        this.#retire(client);
        return await send<Row>(client, { ...statement, name: undefined });
      }
    } finally {
      this.waiting--;
    }
  }

  async end(): Promise<void> {
    const client = this.#client ?? (await this.#connecting?.catch(() => undefined));
    if (client) this.#retire(client);
    await client?.end();
  }

  #connect(): Promise<pg.Client> {
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #open(): Promise<pg.Client> {
    const client = new pg.Client(this.#settings);
    // Also one that the server closes while nothing is asked; unheard, it would end the process.
    client.on("error", () => this.#forget(client));
    client.on("end", () => this.#forget(client));
    await client.connect();
    this.#client = client;
    return client;
  }

  #forget(client: pg.Client): void {
    if (this.#client === client) this.#client = undefined;
  }

  /** The next statement connects and plans anew; what is under way here is answered, then the connection closes. */
  #retire(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#forget(client);
    client.once("drain", () => void client.end());
  }
}

function send<Row extends pg.QueryResultRow>(client: pg.Client, statement: Statement): Promise<pg.QueryResult<Row>> {
  const { name, text, values } = statement;
  gather(streamOf(client));
  if (values.length === 0) return client.query<Row>(text);
  return client.query<Row>(name === undefined ? { text, values: [...values] } : { name, text, values: [...values] });
}

/** Holds what is written until the event loop has gone round. */
function gather(stream: Writable): void {
  if (stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}

/** Not in pg's types, but what its own `Query` corks. */
function streamOf(client: pg.Client): Writable {
  return (client as unknown as { connection: { stream: Writable } }).connection.stream;
}
