import { expect, test } from "vitest";
import { MigrationError, migrate, readMigrations } from "./migrate.ts";
import { createTestDatabase } from "./test-database.ts";

/** What does not behave the same on PostgreSQL, Citus, YugabyteDB and CockroachDB, or hides logic in the database. */
const forbidden: [RegExp, string][] = [
  [/\b(big|small)?serial\b|\bsequence\b|\bgenerated\b.*\bidentity\b|\bnextval\b/i, "sequences"],
  [/\bdeferrable\b/i, "deferrable constraints"],
  [/\bexclude\s+using\b|\busing\s+gist\b/i, "exclusion constraints and GiST"],
  [/\binherits\b|\block\s+table\b/i, "inheritance and table locks"],
  [/\btrigger\b|\bfunction\b|\bprocedure\b|\bdo\s+\$/i, "logic in the database"],
  [/\bextension\b|\bgen_random_uuid\b|\bpgcrypto\b/i, "extensions"],
  [/advisory/i, "advisory locks"],
  [/\bforeign\s+key\b|\breferences\b/i, "foreign keys between distributed tables"],
  [/\bsmallint\b/i, "small integers"],
  [/\bvarchar\b|\bchar\s*\(|\btimestamp\b(?!tz)/i, "types with surprises"],
  [/\bunique\b/i, "unique keys beside the primary key"],
];

const migrations = await readMigrations();

for (const { file, text } of migrations) {
  const sql = text.replace(/--.*$/gm, "");

  test(`${file} keeps to what every PostgreSQL-like engine does alike`, () => {
    const found = forbidden.filter(([pattern]) => pattern.test(sql)).map(([, name]) => name);
    expect(found).toEqual([]);
  });

  test(`${file} gives every table a primary key that begins with its distribution column`, () => {
    for (const [, table, body = ""] of sql.matchAll(/CREATE TABLE (\w+) \(([\s\S]*?)\n\);/g)) {
      const firstColumn = /^\s*(\w+)/.exec(body)?.[1];
      const key =
        /PRIMARY KEY \(([^)]+)\)/.exec(body)?.[1]?.split(", ") ?? /(\w+) \w+ PRIMARY KEY/.exec(body)?.slice(1);
      expect(key?.[0], `${table}: the first column begins the key`).toBe(firstColumn);
      if (key?.includes("account_id")) expect(firstColumn, `${table} is kept with its account`).toBe("account_id");
    }
  });
}

test("migrations are numbered without gaps", () => {
  expect(migrations.map(({ file }) => Number(file.slice(0, 4)))).toEqual(migrations.map((_, index) => index + 1));
});

test("processes that start together migrate once, and a changed or missing file is an error", async () => {
  const { database, close } = await createTestDatabase();
  const last = migrations.at(-1)!.file;
  const next = {
    file: `${String(Number(last.slice(0, 4)) + 1).padStart(4, "0")}-next.sql`,
    text: "CREATE TABLE next (id text PRIMARY KEY)",
  };
  await Promise.all(Array.from({ length: 4 }, () => migrate(database, [...migrations, next])));
  await expect(migrate(database, migrations)).rejects.toEqual(new MigrationError("MISSING", next.file));
  const changed = [...migrations.slice(0, -1), { file: last, text: "SELECT 1" }, next];
  await expect(migrate(database, changed)).rejects.toEqual(new MigrationError("CHANGED", last));
  const late = { file: "0000-late.sql", text: "SELECT 1" };
  await expect(migrate(database, [late, ...migrations, next])).rejects.toEqual(
    new MigrationError("OUT_OF_ORDER", late.file),
  );
  await close();
});
