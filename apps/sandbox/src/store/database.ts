import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

export type Database = DatabaseSync;

const migrations = join(import.meta.dirname, "migrations");

/**
 * Opens the sandbox's database in a folder (made if absent, for this user only) and brings its tables up to date.
 * Every acknowledged write is on the disk: WAL with synchronous=FULL. Throws when the folder can't be written or
 * when the database was written by a newer version.
 */
export function openDatabase(directory: string): Database {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(directory, "sandbox.sqlite"), { enableForeignKeyConstraints: true });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;");
  const files = readdirSync(migrations).sort();
  const { user_version: version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (version > files.length) throw new Error("the sandbox's database was written by a newer version");
  for (const [index, file] of files.entries()) {
    if (index < version) continue;
    transaction(database, () => {
      database.exec(readFileSync(join(migrations, file), "utf8"));
      database.exec(`PRAGMA user_version = ${index + 1}`);
    });
  }
  return database;
}

const prepared = new WeakMap<Database, Map<string, StatementSync>>();

/** A statement that is asked for often, prepared once. Its text is a constant of the program. */
export function prepareOnce(database: Database, sql: string): StatementSync {
  let statements = prepared.get(database);
  if (!statements) {
    statements = new Map();
    prepared.set(database, statements);
  }
  let statement = statements.get(sql);
  if (!statement) {
    statement = database.prepare(sql);
    statements.set(sql, statement);
  }
  return statement;
}

/** All of `work` or nothing of it; not to be nested. */
export function transaction<T>(database: Database, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
