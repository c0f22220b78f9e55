import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { chooseServiceAccount, giveTo, initialisingAccount, type ServiceAccount } from "./embedded-account.ts";
import { findBinaries, prepareBinaries } from "./embedded-binaries.ts";
import { readOrCreateKeyFile } from "./key-file.ts";

export type EmbeddedPostgres = {
  /** For `openDatabase`. */
  connection: pg.PoolConfig;
  /** Leaves; the last process to leave shuts PostgreSQL down. End every other connection first. */
  release(): Promise<void>;
};

export type EmbeddedPostgresOptions = {
  /** Database files, socket and log live in `<dataDirectory>/postgres`, the password in `<dataDirectory>/keys`. */
  dataDirectory: string;
  /** Told what happens: starting, adopting, stopping, and what went wrong. */
  log: (message: string) => void;
  /** The npm package with the binaries. */
  packageDirectory?: string;
  /** Where the binaries are copied to when they cannot be run where they lie. */
  copyDirectory?: string;
};

/** How long PostgreSQL may take to answer. Recovery after a crash is not counted. */
const startPatience = 60_000;
const stopPatience = 60_000;

/** Shortest limit of a socket path among our platforms (macOS), with room for `/.s.PGSQL.5432`. */
const longestSocketDirectory = 103 - 15;

/** Session lock that every process using the cluster holds shared. */
const presenceLock = 4_207_849;

/**
 * Makes sure that PostgreSQL serves `<dataDirectory>/postgres` and stays with it: initialises it the first time, starts
 * it when nobody does, adopts one that is running (an orphan of a killed process, or another process's), starts it
 * again when it dies. Reachable through a Unix socket only. Throws when it cannot be had, or would not be durable.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const cluster = await prepareCluster(options);
  const { path: host, remove: removeSocketLink } = await reachableSocket(cluster.socketDirectory);
  const connection: pg.PoolConfig = { host, port: 5432, user: "xid", database: "postgres", password: cluster.password };
  let released = false;
  /** Set while PostgreSQL is being brought back. */
  let rejoining: Promise<void> | undefined;
  let presence = await joinCluster();

  async function joinCluster(): Promise<pg.Client> {
    const client = await ensureRunning(cluster, connection, options.log);
    client.on("error", () => undefined);
    client.on("end", () => {
      if (!released) rejoining = rejoin();
    });
    return client;
  }

  async function rejoin(): Promise<void> {
    options.log("PostgreSQL is gone; bringing it back");
    while (!released) {
      try {
        presence = await joinCluster();
        return;
      } catch (error) {
        options.log(`PostgreSQL does not come back: ${(error as Error).message}`);
        await delay(1000);
      }
    }
  }

  return {
    connection,
    async release() {
      if (released) return;
      released = true;
      await rejoining;
      await leave(cluster, presence, options.log);
      await removeSocketLink();
    },
  };
}

type Cluster = {
  directory: string;
  dataDirectory: string;
  socketDirectory: string;
  logFile: string;
  binaries: string;
  account: ServiceAccount;
  password: string;
};

async function prepareCluster(options: EmbeddedPostgresOptions): Promise<Cluster> {
  const directory = join(resolve(options.dataDirectory), "postgres");
  const dataDirectory = join(directory, "data");
  const account = await chooseServiceAccount(dataDirectory);
  await mkdir(directory, { recursive: true });
  // The service account passes through to data/ and socket/, which are its own.
  await chmod(directory, account ? 0o711 : 0o700);
  const cluster: Cluster = {
    directory,
    dataDirectory,
    socketDirectory: join(directory, "socket"),
    logFile: join(directory, "log"),
    binaries: await prepareBinaries(
      options.packageDirectory ?? findBinaries(),
      account,
      options.copyDirectory ?? (account ? "/var/lib/xid" : directory),
    ),
    account,
    password: await readOrCreateKeyFile(join(resolve(options.dataDirectory), "keys"), "postgres-password", () =>
      randomBytes(32).toString("base64url"),
    ),
  };
  await mkdir(cluster.socketDirectory, { recursive: true, mode: 0o700 });
  await giveTo(account, cluster.socketDirectory);
  await initialise(cluster, options.log);
  return cluster;
}

/**
 * PostgreSQL changes into its data directory by the path it is given. The service account of root may not be allowed
 * to walk that path (a repository below /root), but it is allowed to stay where it was put.
 */
function pathAsSeenByPostgres(account: ServiceAccount, directory: string): string {
  return account && process.platform === "linux" ? "/proc/self/cwd" : directory;
}

async function initialise(cluster: Cluster, log: (message: string) => void): Promise<void> {
  if (await exists(join(cluster.dataDirectory, "PG_VERSION"))) return;
  log("making a new PostgreSQL database");
  const initdbAccount = await initialisingAccount(cluster.account);
  const draft = `${cluster.dataDirectory}.${randomBytes(6).toString("hex")}`;
  const passwordFile = `${draft}.password`;
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordFile, cluster.password, { mode: 0o600, flag: "wx" });
    await giveTo(initdbAccount, draft);
    await giveTo(initdbAccount, passwordFile);
    const path = pathAsSeenByPostgres(cluster.account, draft);
    const settings = [
      ...["-D", path, "--username=xid", "--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"],
      // Collation from PostgreSQL itself: no index depends on the libraries of the system.
      ...["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"],
      `--pwfile=${path === draft ? passwordFile : `${path}/../${passwordFile.slice(cluster.directory.length + 1)}`}`,
    ];
    const options = { cwd: draft, env: postgresEnvironment, ...initdbAccount };
    await promisify(execFile)(join(cluster.binaries, "bin", "initdb"), settings, options);
    await giveTo(cluster.account, draft);
    // A process that did the same at the same time may have been first; then its database is the one.
    await rename(draft, cluster.dataDirectory).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

const postgresEnvironment = { PATH: "/usr/bin:/bin", TZ: "UTC", LC_ALL: "C" };

async function ensureRunning(
  cluster: Cluster,
  connection: pg.PoolConfig,
  log: (message: string) => void,
): Promise<pg.Client> {
  let deadline = Date.now() + startPatience;
  let child: ChildProcess | undefined;
  for (let attempt = 0; Date.now() < deadline; attempt++) {
    const answer = await enter(connection);
    if (answer instanceof pg.Client) {
      if (attempt === 0) log("using the PostgreSQL that is already running");
      return answer;
    }
    if (answer === "starting up") deadline = Date.now() + startPatience;
    const ended = !child || child.exitCode !== null || child.signalCode !== null;
    if (ended && answer === "absent" && (await livePostmaster(cluster)) === undefined) {
      if (child) await delay(250);
      child = await launch(cluster);
      log("starting PostgreSQL");
    }
    await delay(20);
  }
  throw new Error(`PostgreSQL did not start: ${await lastWords(cluster.logFile)}`);
}

/** Connects and takes the shared lock. */
async function enter(connection: pg.PoolConfig): Promise<pg.Client | "absent" | "starting up"> {
  const client = new pg.Client({ ...connection, application_name: "xid presence" });
  client.on("error", () => undefined);
  try {
    await client.connect();
    // Waits while the last process out holds it; then the shutdown ends this connection and we start anew.
    await client.query("SELECT pg_advisory_lock_shared($1)", [presenceLock]);
    const { rows } = await client.query<{ durable: boolean }>(
      "SELECT current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on' AS durable",
    );
    if (rows[0]?.durable) return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    const code = (error as { code?: string }).code ?? "";
    if (code === "28P01") throw new Error("PostgreSQL refuses the password in the key folder", { cause: error });
    // 57P03 cannot_connect_now: starting up, recovering or shutting down.
    return code === "57P03" ? "starting up" : "absent";
  }
  await client.end();
  throw new Error("PostgreSQL runs with fsync or full_page_writes off and would lose what it acknowledged");
}

async function launch(cluster: Cluster): Promise<ChildProcess> {
  const log = await open(cluster.logFile, "w", 0o600);
  try {
    const settings = {
      listen_addresses: "",
      unix_socket_directories: "../socket",
      unix_socket_permissions: "0700",
      max_connections: "200",
      // Says in the list of processes whose database this is; -D may not.
      cluster_name: cluster.dataDirectory,
      // No values in the log: neither statements nor the keys that a unique violation would name.
      log_min_error_statement: "panic",
      log_error_verbosity: "terse",
    };
    const child = spawn(
      join(cluster.binaries, "bin", "postgres"),
      [
        ...["-D", pathAsSeenByPostgres(cluster.account, cluster.dataDirectory)],
        ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
      ],
      {
        cwd: cluster.dataDirectory,
        env: postgresEnvironment,
        stdio: ["ignore", log.fd, log.fd],
        // An interrupt typed at our terminal is for us; PostgreSQL stops when we say so.
        detached: true,
        ...cluster.account,
      },
    );
    await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

/** The postmaster of this data. A pid file with a number that was given to another process meanwhile is removed. */
async function livePostmaster(cluster: Cluster): Promise<number | undefined> {
  const pidFile = join(cluster.dataDirectory, "postmaster.pid");
  const pid = Number.parseInt(await readFile(pidFile, "utf8").catch(() => ""), 10);
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return undefined;
  }
  if (process.platform !== "linux") return pid;
  const workingDirectory = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  if (workingDirectory === (await realpath(cluster.dataDirectory))) return pid;
  await rm(pidFile, { force: true });
  return undefined;
}

async function leave(cluster: Cluster, presence: pg.Client, log: (message: string) => void): Promise<void> {
  try {
    await presence.query("SELECT pg_advisory_unlock_shared($1)", [presenceLock]);
    const { rows } = await presence.query<{ alone: boolean }>("SELECT pg_try_advisory_lock($1) AS alone", [
      presenceLock,
    ]);
    if (!rows[0]?.alone) return;
    const postmaster = await livePostmaster(cluster);
    if (postmaster === undefined) return;
    log("stopping PostgreSQL");
    // SIGINT is the fast shutdown: open transactions are rolled back, everything is on disk before it ends.
    process.kill(postmaster, "SIGINT");
    const pidFile = join(cluster.dataDirectory, "postmaster.pid");
    const deadline = Date.now() + stopPatience;
    while (Date.now() < deadline && (await exists(pidFile))) await delay(20);
  } catch (error) {
    log(`PostgreSQL was not stopped: ${(error as Error).message}`);
  } finally {
    await presence.end().catch(() => undefined);
  }
}

/** A path to the socket's folder that is short enough to connect through. */
async function reachableSocket(directory: string): Promise<{ path: string; remove(): Promise<void> }> {
  if (Buffer.byteLength(directory) <= longestSocketDirectory) return { path: directory, remove: async () => {} };
  const short = await mkdtemp(join(tmpdir(), "xid-"));
  await symlink(directory, join(short, "s"));
  return { path: join(short, "s"), remove: () => rm(short, { recursive: true, force: true }) };
}

async function lastWords(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, "utf8").catch(() => "")).trim().split("\n");
  return lines.findLast((line) => line.includes("FATAL")) ?? lines.at(-1) ?? "it wrote nothing";
}

async function exists(path: string): Promise<boolean> {
  return realpath(path).then(
    () => true,
    () => false,
  );
}
