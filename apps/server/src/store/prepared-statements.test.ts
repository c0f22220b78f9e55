import { type Kysely, sql } from "kysely";
import { expect, test } from "vitest";
import { openDatabase, type Tables, transaction } from "./database.ts";
import { createTestDatabase } from "./test-database.ts";

test("statements with parameters are planned once, and anew when a migration has changed their table", async () => {
  const { connection, database, close } = await createTestDatabase();
  const one = openDatabase({ ...connection, max: 1 });
  const find = (database: Kysely<Tables> = one.database) =>
    database.selectFrom("accounts").selectAll().where("created_at", ">", new Date(0)).execute();
  const planned = (database: Kysely<Tables>) =>
    sql<{ n: number }>`SELECT count(*)::int AS n FROM pg_prepared_statements WHERE statement LIKE '%"accounts"%'`
      .execute(database)
      .then(({ rows }) => rows[0]?.n);
  await find();
  await find();
  expect(await planned(one.database)).toBe(1);

  await sql`ALTER TABLE accounts ADD COLUMN extra text`.execute(database);
  await find();
  await sql`ALTER TABLE accounts DROP COLUMN extra`.execute(database);
  await transaction(one.database, async (tx) => {
    await find(tx);
    await find(tx);
    expect(await planned(tx)).toBe(1);
  });
  await sql`ALTER TABLE accounts ADD COLUMN extra text`.execute(database);
  await transaction(one.database, (tx) => find(tx));
  await one.close();
  await close();
});

test("a transaction is repeated when the database asks for it, at most five times", async () => {
  const { database, close } = await createTestDatabase();
  let attempts = 0;
  const conflict = (tx: typeof database) => sql`DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40001'; END $$`.execute(tx);
  await expect(
    transaction(database, async (tx) => {
      attempts++;
      await conflict(tx);
    }),
  ).rejects.toMatchObject({ code: "40001" });
  expect(attempts).toBe(5);
  attempts = 0;
  await transaction(database, async (tx) => {
    if (++attempts < 3) await conflict(tx);
  });
  expect(attempts).toBe(3);
  await close();
});
