import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { type OpenDatabase, openDatabase } from "./database.ts";
import { startEmbeddedPostgres } from "./embedded.ts";
import { migrate, readMigrations } from "./migrate.ts";

export type TestDatabase = OpenDatabase & { connection: pg.PoolConfig; close(): Promise<void> };

let cluster: Promise<pg.PoolConfig> | undefined;

/**
 * A migrated database of one's own in a real PostgreSQL, which is started once per test worker and ends with it.
 * Close it in `afterAll`. More connections to the same database: `openDatabase(connection)`.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  cluster ??= startTestCluster();
  const administration = await cluster;
  const name = `test_${randomBytes(8).toString("hex")}`;
  await execute(administration, `CREATE DATABASE ${name} TEMPLATE migrated`);
  const connection = { ...administration, database: name };
  const opened = openDatabase(connection);
  return {
    ...opened,
    connection,
    async close() {
      await opened.close();
      await execute(administration, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function startTestCluster(): Promise<pg.PoolConfig> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "xid-test-"));
  const { connection } = await startEmbeddedPostgres({ dataDirectory, log: () => undefined });
  stopWithThisProcess(dataDirectory);
  await execute(connection, "CREATE DATABASE migrated");
  const { database, close } = openDatabase({ ...connection, database: "migrated" });
  await migrate(database, await readMigrations());
  await close();
  return connection;
}

/** The end of our process, however it comes, closes the pipe; then the shell stops PostgreSQL and clears up. */
function stopWithThisProcess(dataDirectory: string): void {
  const script = `trap '' INT TERM HUP; cat >/dev/null; p="$1/postgres/data/postmaster.pid"
    kill -INT "$(head -n 1 "$p")"; while [ -e "$p" ]; do sleep 0.1; done; rm -rf "$1"`;
  const watcher = spawn("/bin/sh", ["-c", script, "sh", dataDirectory], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watcher.unref();
  (watcher.stdin as unknown as { unref(): void }).unref();
}

async function execute(connection: pg.PoolConfig, statement: string): Promise<void> {
  const { statements, close } = openDatabase(connection);
  try {
    await statements.query({ text: statement, values: [] });
  } finally {
    await close();
  }
}
