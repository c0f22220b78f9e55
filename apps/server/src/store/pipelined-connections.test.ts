import { afterAll, beforeAll, expect, test } from "vitest";
import { PipelinedConnections } from "./pipelined-connections.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

let base: TestDatabase;
const opened: PipelinedConnections[] = [];
beforeAll(async () => {
  base = await createTestDatabase();
});
afterAll(async () => {
  await Promise.all(opened.map((connections) => connections.end()));
  await base.close();
});

function open(count: number): PipelinedConnections {
  const connections = new PipelinedConnections(base.connection, { count });
  opened.push(connections);
  return connections;
}
const number = (connections: PipelinedConnections, value: number) =>
  connections.query<{ n: number }>({ name: "echo", text: "SELECT $1::int AS n", values: [value] });
const backend = async (connections: PipelinedConnections) => {
  const text = "SELECT pg_backend_pid() AS pid";
  return (await connections.query<{ pid: number }>({ text, values: [] })).rows[0]?.pid;
};

test("each of many statements at once gets its own answer", async () => {
  const connections = open(2);
  const answers = await Promise.all(Array.from({ length: 200 }, (_, value) => number(connections, value)));
  expect(answers.map(({ rows }) => rows[0]?.n)).toEqual(Array.from({ length: 200 }, (_, value) => value));
});

test("a statement that fails takes none of those around it with it, and undoes none of them", async () => {
  const connections = open(1);
  await connections.query({ text: "CREATE TABLE seen (n int PRIMARY KEY)", values: [] });
  const insert = (n: number) => connections.query({ name: "see", text: "INSERT INTO seen VALUES ($1)", values: [n] });
  const outcomes = await Promise.allSettled([insert(1), insert(1), insert(2), number(connections, 3)]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  expect(outcomes[1]).toMatchObject({ reason: { code: "23505" } });
  const { rows } = await connections.query({ text: "SELECT n FROM seen ORDER BY n", values: [] });
  expect(rows).toEqual([{ n: 1 }, { n: 2 }]);
});

test("statements go to the connection with the least to do", async () => {
  const connections = open(2);
  const slow = connections.query({ text: "SELECT pg_sleep($1)", values: [0.2] });
  const first = await Promise.race([slow.then(() => "slow"), number(connections, 1).then(() => "quick")]);
  expect(first).toBe("quick");
  await slow;
});

test("a connection that breaks fails what was on it, and the next statement has a new one", async () => {
  const connections = open(1);
  const pid = await backend(connections);
  const broken = connections.query({ text: "SELECT pg_terminate_backend(pg_backend_pid())", values: [] });
  const behind = number(connections, 1);
  await expect(broken).rejects.toThrow();
  await expect(behind).rejects.toThrow();
  expect((await number(connections, 2)).rows).toEqual([{ n: 2 }]);
  expect(await backend(connections)).not.toBe(pid);
});

test("what cannot be connected is refused, and tried again at the next statement", async () => {
  const connections = new PipelinedConnections({ ...base.connection, database: "none" }, { count: 1 });
  await expect(number(connections, 1)).rejects.toMatchObject({ code: "3D000" });
  await expect(number(connections, 1)).rejects.toMatchObject({ code: "3D000" });
  await connections.end();
});

test("a statement whose table was changed is planned anew, in the middle of others", async () => {
  const connections = open(1);
  await connections.query({ text: "CREATE TABLE shape (a int)", values: [] });
  const read = () => connections.query({ name: "shape", text: "SELECT * FROM shape WHERE a > $1", values: [0] });
  await read();
  await base.statements.query({ text: "ALTER TABLE shape ADD COLUMN b int", values: [] });
  const answers = await Promise.all([read(), number(connections, 7), read()]);
  expect(answers[0].fields.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(answers[1].rows).toEqual([{ n: 7 }]);
  expect((await read()).fields).toHaveLength(2);
});
