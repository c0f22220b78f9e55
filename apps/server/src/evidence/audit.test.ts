import { createHash, generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildTimestampRequest, parseSignedNote } from "@xid/pki";
import { ecKeyPair, name as subject, TestAuthority, TestTimestampAuthority } from "@xid/pki/testing";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { loadSealer, type Sealer } from "../store/sealer.ts";
import { createTestDatabase, type TestDatabase } from "../store/test-database.ts";
import { amlMethodAt } from "./aml-method.ts";
import { type AuditInput, type AuditSummary, auditEvidence, type Finding, type FindingCode } from "./audit.ts";
import { publishCheckpoint } from "./checkpoint-publisher.ts";
import { noAccount } from "./checkpoint-stamp.ts";
import { readCheckpoint } from "./log.ts";
import type { LogKey } from "./log-key.ts";
import { recordEvidence } from "./record.ts";
import { sequence } from "./sequencer.ts";
import type { TimestampAuthority } from "./timestamp-authority.ts";

const key: LogKey = { name: "xid.example/log", kind: "ed25519", ...generateKeyPairSync("ed25519") };
const started = Date.parse("2026-11-20T00:00:00Z");
const later = 3_600_000;
const list = Buffer.from("a revocation list");
const listDigest = createHash("sha256").update(list).digest();

let test: TestDatabase;
let sealer: Sealer;
let directory: string;
let now = started;
let input: AuditInput;
/** Signed when the log had 300 entries, and kept by somebody else. */
let kept: string;

type Row = Record<string, unknown>;
type TableName =
  | "evidence"
  | "evidence_queue"
  | "evidence_leaves"
  | "log_tiles"
  | "log_heads"
  | "log_checkpoints"
  | "revocation_lists";

const parts = () => ({ database: test.database, sealer, clock: () => now });

async function audit(more: Partial<AuditInput> = {}): Promise<{ findings: Finding[]; summary: AuditSummary }> {
  const findings: Finding[] = [];
  const running = auditEvidence(parts(), { ...input, ...more });
  for (;;) {
    const { done, value } = await running.next();
    if (done) return { findings, summary: value };
    findings.push(value);
  }
}

async function record(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const evidence = recordEvidence(parts(), {
      accountId: randomUUID(),
      kind: n % 3 ? "sign_in" : "card_signature",
      clientId: "bank",
      requestId: `request-${n}`,
      time: now + n,
      clientRecord: {
        kind: "sign_in",
        requestedAt: new Date(now),
        purpose: { ja: "口座開設", en: "Account opening" },
        userVerification: "app_pin",
        keyLevel: "software",
        basis: "enrolment",
        endToEnd: false,
        items: [{ name: "name", value: "山田　花子" }],
        certificate: null,
        identityChanged: null,
        method: amlMethodAt(new Date(now)),
      },
      content: { certificateStatus: { kind: "crl", listDigest: listDigest.toString("base64") } },
    });
    const { account_id, evidence_id, commitment, created_at } = evidence;
    await test.database.insertInto("evidence").values(evidence).execute();
    await test.database
      .insertInto("evidence_queue")
      .values({ account_id, evidence_id, commitment, queued_at: created_at })
      .execute();
  }
}

beforeAll(async () => {
  [test, directory] = await Promise.all([createTestDatabase(), mkdtemp(join(tmpdir(), "xid-audit-"))]);
  sealer = await loadSealer(directory);
  await test.database
    .insertInto("revocation_lists")
    .values({ digest: listDigest, der: list, stored_at: new Date(now) })
    .execute();
  const root = new TestAuthority({ keys: ecKeyPair(), name: subject(["2.5.4.3", "root"]) });
  const authority = new TestTimestampAuthority(root);
  const stamp: TimestampAuthority["stamp"] = async (digest) => {
    const time = new Date(Math.floor(now / 1000) * 1000);
    const token = Buffer.from(await authority.token(buildTimestampRequest({ digest }), time));
    return {
      token,
      list: Buffer.from(root.crl({ thisUpdate: time, nextUpdate: new Date(time.getTime() + 24 * later) })),
      time,
    };
  };
  const vouchers = { timestamp: { stamp }, stampInterval: later, witnesses: [], outages: undefined as never };
  const step = async (count: number) => {
    await record(count);
    await sequence(parts(), key);
    await publishCheckpoint({ ...parts(), log: undefined as never }, key.name, vouchers);
    now += later;
  };
  await step(300);
  kept = (await readCheckpoint(parts(), key.name))!;
  await step(300);
  await step(2);
  // The entries of the stamps themselves, and some that wait.
  await sequence(parts(), key);
  await record(3);
  input = { log: key, timestampAnchors: [root.certificate] };
}, 120_000);
afterAll(async () => {
  await test.close();
  await rm(directory, { recursive: true });
});

describe("an audit of evidence that nobody has touched", () => {
  it("finds nothing, and says what it has seen", async () => {
    expect(await audit({ checkpoints: [kept] })).toEqual({
      findings: [],
      summary: { size: 605, records: 605, waiting: 3, erased: 0, checkpoints: 3, stamps: 3, lists: 1 },
    });
  });
});

/** Columns that say only when a row was written, and nothing of what happened. */
const bookkeeping = new Set(["published_at", "signed_at", "stored_at"]);

type Table = {
  name: TableName;
  keys: string[];
  /** Rows that are tried, by what is special about them. */
  rows: Record<string, (rows: Row[]) => Row>;
  deleted: FindingCode;
  /** By column; `key` for all that are keys. */
  changed: Record<string, FindingCode>;
  duplicated: FindingCode;
  /** Two rows that have changed places: all that is no key. */
  reordered: FindingCode;
};

const tile = (level: number, index: string) => (rows: Row[]) =>
  rows.find((row) => row.level === level && row.tile_index === index)!;

const tables: Table[] = [
  {
    name: "evidence",
    keys: ["account_id", "evidence_id"],
    rows: { logged: (rows) => rows[7]! },
    deleted: "LEAF_WITHOUT_RECORD",
    changed: {
      key: "RECORD_UNREADABLE",
      kind: "ROW_MISMATCH",
      client_id: "ROW_MISMATCH",
      request_id: "ROW_MISMATCH",
      record_sealed: "RECORD_UNREADABLE",
      client_record_sealed: "RECORD_UNREADABLE",
      commitment: "COMMITMENT_MISMATCH",
      created_at: "ROW_MISMATCH",
    },
    duplicated: "RECORD_UNREADABLE",
    reordered: "RECORD_UNREADABLE",
  },
  {
    name: "evidence_queue",
    keys: ["account_id", "evidence_id"],
    rows: { waiting: (rows) => rows[0]! },
    deleted: "NOT_LOGGED",
    changed: { key: "QUEUE_WITHOUT_RECORD", commitment: "QUEUE_MISMATCH", queued_at: "QUEUE_MISMATCH" },
    duplicated: "QUEUE_WITHOUT_RECORD",
    reordered: "QUEUE_MISMATCH",
  },
  {
    name: "evidence_leaves",
    keys: ["account_id", "evidence_id"],
    rows: {
      "of a record": (rows) => rows.find((row) => row.account_id !== noAccount)!,
      "of a stamp": (rows) => rows.find((row) => row.account_id === noAccount)!,
    },
    deleted: "NOT_LOGGED",
    changed: { key: "LEAF_WITHOUT_RECORD", log: "LOG_UNKNOWN", leaf_index: "LEAF_MISMATCH" },
    duplicated: "LEAF_DUPLICATE",
    reordered: "LEAF_MISMATCH",
  },
  {
    name: "log_tiles",
    keys: ["log", "level", "tile_index"],
    rows: {
      "full, of entries": tile(-1, "1"),
      "at the edge, of entries": tile(-1, "2"),
      "full, of hashes": tile(0, "0"),
      "at the edge, of hashes": tile(0, "2"),
      "a level up": tile(1, "0"),
    },
    deleted: "TILE_MISSING",
    changed: { key: "TILE_MISSING", content: "TILE_MISMATCH" },
    duplicated: "TILE_OUTSIDE",
    reordered: "TILE_MISMATCH",
  },
  {
    name: "log_heads",
    keys: ["log"],
    rows: { "of the log": (rows) => rows[0]! },
    deleted: "HEAD_MISSING",
    changed: { key: "HEAD_MISSING", size: "HEAD_INVALID", checkpoint: "HEAD_INVALID" },
    duplicated: "LOG_UNKNOWN",
    reordered: "HEAD_INVALID",
  },
  {
    name: "log_checkpoints",
    keys: ["log", "size"],
    rows: { stamped: (rows) => rows.find(({ size }) => size === "601")! },
    deleted: "LEAF_WITHOUT_RECORD",
    changed: {
      log: "LOG_UNKNOWN",
      size: "CHECKPOINT_INVALID",
      checkpoint: "CHECKPOINT_INVALID",
      cosignatures: "CHECKPOINT_INVALID",
      token: "TIMESTAMP_INVALID",
      token_list: "TIMESTAMP_INVALID",
      token_time: "TIMESTAMP_INVALID",
      evidence_id: "LEAF_WITHOUT_RECORD",
    },
    duplicated: "CHECKPOINT_INVALID",
    reordered: "CHECKPOINT_INVALID",
  },
  {
    name: "revocation_lists",
    keys: ["digest"],
    rows: { named: (rows) => rows[0]! },
    deleted: "LIST_MISSING",
    changed: { key: "LIST_MISSING", der: "LIST_MISMATCH" },
    duplicated: "LIST_MISMATCH",
    reordered: "LIST_MISMATCH",
  },
];

/** Another value of the same type. */
function other(column: string, value: unknown): unknown {
  if (Buffer.isBuffer(value)) {
    const changed = Buffer.from(value);
    changed[Math.floor(changed.length / 2)]! ^= 0x10;
    return changed;
  }
  if (value instanceof Date) return new Date(value.getTime() + 1000);
  if (typeof value === "number") return value + 1;
  if (column.endsWith("_id") && column !== "client_id" && column !== "request_id") return randomUUID();
  if (/^\d+$/.test(String(value))) return String(Number(value) + 1);
  return column === "checkpoint"
    ? String(value).replace(/\n(\d+)\n/, (_, size) => `\n${Number(size) + 1}\n`)
    : `${value}x`;
}

/** What another row of a kind that there is one of would be like. */
function another(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, other(column, value)])) as Row;
}

describe.each(tables)("an audit of $name", (table) => {
  const { name, keys } = table;
  const database = () => test.database;
  const saved = sql.table(`saved_${name}`);
  const read = async () =>
    (
      await sql<Row>`SELECT * FROM ${sql.table(name)} ORDER BY ${sql.join(keys.map((one) => sql.ref(one)))}`.execute(
        database(),
      )
    ).rows;
  const insert = (row: Row) =>
    sql`INSERT INTO ${sql.table(name)} (${sql.join(Object.keys(row).map((one) => sql.ref(one)))})
      VALUES (${sql.join(Object.values(row))})`.execute(database());
  const remove = (row: Row) =>
    sql`DELETE FROM ${sql.table(name)}
      WHERE ${sql.join(
        keys.map((one) => sql`${sql.ref(one)} = ${row[one]}`),
        sql` AND `,
      )}`.execute(database());
  let before: Row[];
  beforeAll(async () => {
    before = await read();
    await sql`CREATE TABLE ${saved} AS SELECT * FROM ${sql.table(name)}`.execute(database());
  });
  afterEach(async () => {
    await sql`DELETE FROM ${sql.table(name)}`.execute(database());
    await sql`INSERT INTO ${sql.table(name)} SELECT * FROM ${saved}`.execute(database());
  });
  const codes = async (more: Partial<AuditInput> = {}) => [
    ...new Set((await audit(more)).findings.map(({ code }) => code)),
  ];

  describe.each(Object.keys(table.rows))("finds that a row (%s)", (which) => {
    const row = () => table.rows[which]!(before);

    it(`was deleted: ${table.deleted}`, async () => {
      await remove(row());
      expect(await codes()).toContain(table.deleted);
    });

    it(`was duplicated: ${table.duplicated}`, async () => {
      const last = keys.at(-1)!;
      await insert({ ...row(), [last]: name === "log_tiles" ? "77" : other(last, row()[last]) });
      expect(await codes()).toContain(table.duplicated);
    });

    it(`has changed places with another: ${table.reordered}`, async () => {
      const one = row();
      const found = before.find(
        (candidate) =>
          candidate !== one &&
          keys.some((column) => candidate[column] !== one[column]) &&
          (name !== "log_tiles" ||
            (candidate.level === one.level) === before.filter(({ level }) => level === one.level).length > 1),
      );
      const two = found ?? another(one);
      const keysOf = (of: Row) => Object.fromEntries(keys.map((column) => [column, of[column]]));
      await remove(one);
      if (found) await remove(found);
      await insert({ ...one, ...keysOf(two) });
      await insert({ ...two, ...keysOf(one) });
      expect(await codes()).toContain(table.reordered);
    });

    const columns = Object.keys(table.changed).flatMap((column) => (column === "key" ? keys : [column]));
    it.each(columns)("was changed in its column %s", async (column) => {
      const expected = table.changed[column] ?? table.changed.key!;
      await remove(row());
      const place = name === "log_tiles" && keys.includes(column) && column !== "log";
      await insert({ ...row(), [column]: place ? "77" : other(column, row()[column]) });
      expect(await codes()).toContain(expected);
    });
  });

  it("looks at every column but those that say when a row was written", () => {
    const looked = Object.keys(table.changed).flatMap((column) => (column === "key" ? keys : [column]));
    expect(
      Object.keys(before[0]!)
        .filter((column) => !bookkeeping.has(column))
        .toSorted(),
    ).toEqual(looked.toSorted());
  });
});

describe("an audit of a log that was set back whole, by somebody with the keys", () => {
  it("finds it by what others have vouched for, here or elsewhere", async () => {
    const head = (await readCheckpoint(parts(), key.name))!;
    const truncated = 300;
    const early = await test.database
      .selectFrom("log_checkpoints")
      .selectAll()
      .where("size", "=", String(truncated))
      .executeTakeFirstOrThrow();
    await test.database.deleteFrom("evidence_queue").execute();
    await test.database
      .deleteFrom("evidence")
      .where(({ exists, not, selectFrom }) =>
        not(
          exists(
            selectFrom("evidence_leaves")
              .select("leaf_index")
              .whereRef("evidence_leaves.evidence_id", "=", "evidence.evidence_id")
              .where("leaf_index", "<", String(truncated)),
          ),
        ),
      )
      .execute();
    await test.database.deleteFrom("evidence_leaves").where("leaf_index", ">=", String(truncated)).execute();
    await sql`DELETE FROM log_tiles WHERE level < 1 AND tile_index > 1`.execute(test.database);
    await sql`UPDATE log_tiles SET content = substring(content from 1 for ${44 * 32}::integer)
      WHERE level < 1 AND tile_index = 1`.execute(test.database);
    await sql`UPDATE log_tiles SET content = substring(content from 1 for 32) WHERE level = 1`.execute(test.database);
    await test.database.updateTable("log_heads").set({ size: "300", checkpoint: early.checkpoint }).execute();
    const found = (await audit()).findings.map(({ code, table }) => `${table} ${code}`);
    expect(found).toEqual(expect.arrayContaining(["log_checkpoints ROLLED_BACK"]));
    // With those rows gone, and the stamp of the first one forgotten, nothing in the database tells.
    await test.database.deleteFrom("log_checkpoints").execute();
    expect((await audit()).findings).toEqual([]);
    expect((await audit({ checkpoints: [kept] })).findings).toEqual([]);
    expect((await audit({ checkpoints: [kept, head] })).findings).toMatchObject([
      { code: "ROLLED_BACK", key: { checkpoint: 2 } },
    ]);
    const { text } = parseSignedNote(head);
    expect((await audit({ checkpoints: [text, "nothing"] })).findings).toMatchObject([
      { code: "CHECKPOINT_INVALID" },
      { code: "CHECKPOINT_INVALID" },
    ]);
  });
});
