import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { type Database, transaction } from "./database.ts";

export class MigrationError extends Error {
  readonly code: "CHANGED" | "MISSING" | "OUT_OF_ORDER";

  constructor(code: MigrationError["code"], file: string) {
    const said = {
      CHANGED: "was changed after it had been applied",
      MISSING: "has been applied to this database but is not part of this version",
      OUT_OF_ORDER: "comes before one that has been applied",
    };
    super(`migration ${file} ${said[code]}`);
    this.name = "MigrationError";
    this.code = code;
  }
}

export type Migration = { file: string; text: string };

/** The numbered SQL files of `migrations/`, in order. */
export async function readMigrations(directory = join(import.meta.dirname, "migrations")): Promise<Migration[]> {
  const files = (await readdir(directory)).filter((file) => /^\d{4}-[a-z0-9-]+\.sql$/.test(file)).sort();
  return Promise.all(files.map(async (file) => ({ file, text: await readFile(join(directory, file), "utf8") })));
}

/**
 * Brings the database up to the last migration, one transaction each. Processes that start together wait for one
 * another at a lock row, not an advisory lock, which is not one lock on every engine. Throws `MigrationError`.
 */
export async function migrate(database: Database, migrations: Migration[]): Promise<void> {
  await sql`CREATE TABLE IF NOT EXISTS migration_lock (id bigint PRIMARY KEY)`.execute(database).catch(ignoreExisting);
  await sql`CREATE TABLE IF NOT EXISTS migrations (
    file text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL
  )`
    .execute(database)
    .catch(ignoreExisting);
  await sql`INSERT INTO migration_lock (id) VALUES (1) ON CONFLICT (id) DO NOTHING`.execute(database);
  for (;;) {
    const applied = await transaction(database, async (tx) => {
      await sql`SELECT id FROM migration_lock WHERE id = 1 FOR UPDATE`.execute(tx);
      const { rows } = await sql<{ file: string; checksum: string }>`
        SELECT file, checksum FROM migrations ORDER BY file`.execute(tx);
      const next = nextMigration(migrations, rows);
      if (!next) return undefined;
      await sql.raw(next.text).execute(tx);
      await sql`INSERT INTO migrations (file, checksum, applied_at)
        VALUES (${next.file}, ${checksum(next.text)}, now())`.execute(tx);
      return next.file;
    });
    if (!applied) return;
  }
}

function nextMigration(migrations: Migration[], applied: { file: string; checksum: string }[]): Migration | undefined {
  const known = new Map(migrations.map((migration) => [migration.file, migration]));
  for (const { file, checksum: expected } of applied) {
    const migration = known.get(file);
    if (!migration) throw new MigrationError("MISSING", file);
    if (checksum(migration.text) !== expected) throw new MigrationError("CHANGED", file);
    known.delete(file);
  }
  const next = known.values().next().value;
  const last = applied.at(-1);
  if (next && last && next.file < last.file) throw new MigrationError("OUT_OF_ORDER", next.file);
  return next;
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Two processes creating the same table at once: IF NOT EXISTS does not cover that (23505 on the catalogue). */
function ignoreExisting(error: unknown): void {
  const code = (error as { code?: string }).code;
  if (code !== "23505" && code !== "42P07") throw error;
}
