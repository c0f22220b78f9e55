import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startEmbeddedPostgres } from "./embedded.ts";
import { findBinaries } from "./embedded-binaries.ts";

const isRoot = process.getuid?.() === 0;
let directory: string;
let children: ChildProcess[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "xid-embedded-"));
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  const pid = await postmasterPid();
  if (pid && pid !== process.pid) {
    process.kill(pid, "SIGINT");
    while (await postmasterPid()) await delay(20);
  }
  await rm(directory, { recursive: true, force: true });
});

const postmasterPid = async (dataDirectory = directory) => {
  const file = await readFile(join(dataDirectory, "postgres", "data", "postmaster.pid"), "utf8").catch(() => "");
  return Number.parseInt(file, 10) || undefined;
};

const query = async (connection: pg.PoolConfig, text: string) => {
  const client = new pg.Client(connection as pg.ClientConfig);
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows;
};

const start = (dataDirectory = directory, options = {}) => {
  const said: string[] = [];
  const log = (message: string) => said.push(message);
  return startEmbeddedPostgres({ dataDirectory, log, ...options }).then((postgres) => ({ ...postgres, said }));
};

/** Another process that starts PostgreSQL, answers one line and stays. */
const startElsewhere = async (account = {}) => {
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(join(import.meta.dirname, "embedded.ts"))});
    const postgres = await startEmbeddedPostgres({ dataDirectory: ${JSON.stringify(directory)}, log: () => {} });
    process.on("SIGTERM", () => postgres.release().then(() => process.exit(0)));
    console.log(process.getuid());`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
    ...account,
  });
  children.push(child);
  const [line] = await once(createInterface(child.stdout), "line");
  return { child, uid: Number(line) };
};

describe("embedded PostgreSQL", () => {
  test("is reached through its socket only, durable, with checksums, and stops when the last one leaves", async () => {
    const postgres = await start();
    const [row] = await query(
      postgres.connection,
      `SELECT ${["fsync", "data_checksums", "listen_addresses"].map((name) => `current_setting('${name}') AS ${name}`)},
         (SELECT datlocale FROM pg_database WHERE datname = current_database()) AS locale`,
    );
    expect(row).toEqual({ fsync: "on", data_checksums: "on", listen_addresses: "", locale: "C.UTF-8" });
    await expect(query({ ...postgres.connection, password: "guess" }, "SELECT 1")).rejects.toMatchObject({
      code: "28P01",
    });
    await postgres.release();
    expect(await postmasterPid()).toBeUndefined();
  });

  test("an orphan of a killed process is adopted and keeps what was acknowledged", async () => {
    const { child } = await startElsewhere();
    const first = await postmasterPid();
    child.kill("SIGKILL");
    await once(child, "exit");
    const postgres = await start();
    expect(postgres.said).toContain("using the PostgreSQL that is already running");
    expect(await postmasterPid()).toBe(first);
    await postgres.release();
    expect(await postmasterPid()).toBeUndefined();
  });

  test("two processes share it, and the one that stays keeps it", async () => {
    const { child } = await startElsewhere();
    const postgres = await start();
    await query(postgres.connection, "CREATE TABLE kept (id text)");
    child.kill("SIGTERM");
    await once(child, "exit");
    expect(await query(postgres.connection, "SELECT count(*)::int AS n FROM kept")).toEqual([{ n: 0 }]);
    await postgres.release();
    expect(await postmasterPid()).toBeUndefined();
  });

  test("processes that start at the same moment end up with one database", async () => {
    const all = await Promise.all([start(), start(), start()]);
    const pids = await Promise.all(
      all.map(({ connection }) => query(connection, "SELECT system_identifier FROM pg_control_system()")),
    );
    expect(new Set(pids.map((rows) => rows[0].system_identifier)).size).toBe(1);
    await Promise.all(all.map(({ release }) => release()));
    expect(await postmasterPid()).toBeUndefined();
  });

  test("comes back when it is killed, with a stale pid file and with one that names another process", async () => {
    const postgres = await start();
    await query(postgres.connection, "CREATE TABLE kept (id text)");
    process.kill((await postmasterPid()) as number, "SIGKILL");
    await expect
      .poll(() => query(postgres.connection, "SELECT 1 AS one FROM pg_class WHERE relname = 'kept'").catch(() => []), {
        timeout: 20_000,
      })
      .toEqual([{ one: 1 }]);
    await postgres.release();
    const pidFile = join(directory, "postgres", "data", "postmaster.pid");
    await writeFile(pidFile, `${process.pid}\n/elsewhere\n`);
    const again = await start();
    expect(await query(again.connection, "SELECT 1 AS one FROM kept")).toEqual([]);
    await again.release();
  });

  test("refuses to work on a database that would lose what it acknowledged", async () => {
    const postgres = await start();
    await query(postgres.connection, "ALTER SYSTEM SET fsync = off");
    await postgres.release();
    await expect(start()).rejects.toThrow("fsync");
  });

  test("works where the path is too long for a socket", async () => {
    const long = join(directory, "x".repeat(100));
    const postgres = await start(long);
    expect(await query(postgres.connection, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await postgres.release();
    expect(await postmasterPid(long)).toBeUndefined();
  });

  test("makes the library links itself when the package's install script did not run", async () => {
    const packageDirectory = join(directory, "package");
    await cp(findBinaries(), packageDirectory, { recursive: true, verbatimSymlinks: true });
    const links = JSON.parse(await readFile(join(packageDirectory, "native", "pg-symlinks.json"), "utf8"));
    for (const { target } of links) await rm(join(packageDirectory, target));
    await chmod(directory, 0o755);
    const postgres = await start(directory, { packageDirectory, copyDirectory: join(directory, "copy") });
    expect(await query(postgres.connection, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await postgres.release();
  });

  describe.skipIf(!isRoot)("started by root", () => {
    test("runs as an account that is nobody else's, also in a folder only root may enter", async () => {
      const closed = join(directory, "closed");
      const copies = await mkdtemp(join(tmpdir(), "xid-copies-"));
      await chmod(copies, 0o755);
      await mkdir(closed, { mode: 0o700 });
      await cp(findBinaries(), join(closed, "package"), { recursive: true, verbatimSymlinks: true });
      const postgres = await start(closed, { packageDirectory: join(closed, "package"), copyDirectory: copies });
      const { uid } = await stat(join(closed, "postgres", "data"));
      expect(uid).toBeGreaterThan(0);
      expect(await readFile("/etc/passwd", "utf8")).not.toContain(`:${uid}:`);
      expect((await stat(`/proc/${await postmasterPid(closed)}`)).uid).toBe(uid);
      expect((await stat(copies)).uid).toBe(0);
      await postgres.release();
      const again = await start(closed, { packageDirectory: join(closed, "package"), copyDirectory: copies });
      await again.release();
      await rm(copies, { recursive: true });
    });

    test("and by somebody else, runs as them", async (context) => {
      const nobody = { uid: 65_534, gid: 65_534 };
      const [code] = await once(spawn("/bin/sh", ["-c", `test -r '${import.meta.filename}'`], nobody), "exit");
      context.skip(code !== 0, "the repository lies where only root may enter");
      await chown(directory, nobody.uid, nobody.gid);
      const { child, uid } = await startElsewhere(nobody);
      expect(uid).toBe(nobody.uid);
      expect((await stat(join(directory, "postgres", "data"))).uid).toBe(nobody.uid);
      child.kill("SIGTERM");
      await once(child, "exit");
      expect(await postmasterPid()).toBeUndefined();
    });
  });
});
