import { createHash } from "node:crypto";
import {
  type Certificate,
  hashLength,
  leafHash,
  type NoteKey,
  PkiError,
  parseSignedNote,
  readTimestampTime,
  subtreeRoot,
  tileWidth,
  type VerifiedCheckpoint,
  verifyCheckpoint,
  verifyTimestamp,
} from "@xid/pki";
import { sql } from "kysely";
import type { Platform } from "../platform.ts";
import type { DatabaseTransaction } from "../store/database.ts";
import { SealerError } from "../store/sealer.ts";
import { noAccount, stampCommitment } from "./checkpoint-stamp.ts";
import { openClientRecord, pairCommitment } from "./client-record.ts";
import { entryLevel } from "./growing-tree.ts";
import { rootOf } from "./log.ts";
import { commitmentOf, readEvidence } from "./record.ts";

export type FindingCode =
  /** The record does not open: its bytes, or its place, were changed. */
  | "RECORD_UNREADABLE"
  /** The record is not what its commitment says. */
  | "COMMITMENT_MISMATCH"
  /** A column says something else than the record. */
  | "ROW_MISMATCH"
  /** The record is neither in the log nor on its way there. */
  | "NOT_LOGGED"
  /** The record waits for the log longer than it may. */
  | "OVERDUE"
  | "QUEUE_MISMATCH"
  | "QUEUE_WITHOUT_RECORD"
  | "QUEUED_AND_LOGGED"
  /** At the record's place the log holds something else. */
  | "LEAF_MISMATCH"
  /** The place is beyond the log's end. */
  | "LEAF_OUTSIDE"
  /** Two records at one place. */
  | "LEAF_DUPLICATE"
  /** A place of a record that is not there. */
  | "LEAF_WITHOUT_RECORD"
  /** Erased, as a row says, but no record in the log says so, or of something else. */
  | "ERASURE_MISMATCH"
  /** An entry of the log that belongs to nothing. */
  | "LEAF_MISSING"
  | "TILE_MISSING"
  | "TILE_MISMATCH"
  /** More than the log's size has room for. */
  | "TILE_OUTSIDE"
  | "HEAD_MISSING"
  /** Not signed by the log, or of another size than its row says. */
  | "HEAD_INVALID"
  /** Signed, but not what the log holds. */
  | "HEAD_MISMATCH"
  /** Rows of a log that is not this installation's. */
  | "LOG_UNKNOWN"
  /** Not signed by the log, or not by as many witnesses as its row says. */
  | "CHECKPOINT_INVALID"
  /** Somebody has vouched for another history than the log holds. */
  | "CHECKPOINT_MISMATCH"
  /** Somebody has vouched for more than the log holds: it was set back. */
  | "ROLLED_BACK"
  | "TIMESTAMP_INVALID"
  /** A revocation list is not the one that records name. */
  | "LIST_MISMATCH"
  /** A revocation list that a record rests on is not there. */
  | "LIST_MISSING";

/** What is wrong, and where: the table and the key of the row. Nothing of what records hold. */
export type Finding = { code: FindingCode; table: string; key: Record<string, string | number>; detail?: string };

export type AuditSummary = {
  /** Null when the log has no usable head. */
  size: number | null;
  records: number;
  waiting: number;
  /** At the end of their time, as the log says too. */
  erased: number;
  checkpoints: number;
  stamps: number;
  lists: number;
};

export type AuditInput = {
  /** The log's own key: from where an auditor keeps it, if the installation's is not to be believed. */
  log: NoteKey;
  witnesses?: readonly NoteKey[];
  /** Where none are given, tokens are held to the log but their signatures not looked at. */
  timestampAnchors?: readonly Certificate[];
  /** Checkpoints that somebody kept elsewhere: signed notes. */
  checkpoints?: readonly string[];
  /** Milliseconds that a record may wait for the log. */
  queueAge?: number;
};

type Parts = Pick<Platform, "database" | "sealer" | "clock">;

const pageSize = 500;
const tilesInPage = 64;
const defaultQueueAge = 600_000;
/** So many entries that belong to nothing are named one by one. */
const namedGaps = 100;

/**
 * Goes over everything that the installation keeps of its evidence, in one snapshot, and yields what does not fit: records,
 * the queue, their places in the log, the log's tiles, its head, the checkpoints that others vouched for, and revocation lists.
 * Memory: a page of records, a bit for each entry of the log, and the longest list. Nothing is written, nothing repaired.
 *
 * Not noticed: a record that was deleted, with its place in the queue, before the log held it; and that witnesses' signatures
 * were taken off a checkpoint whole, which the witnesses still know of.
 */
export async function* auditEvidence(parts: Parts, input: AuditInput): AsyncGenerator<Finding, AuditSummary> {
  const transaction = await parts.database
    .startTransaction()
    .setIsolationLevel("repeatable read")
    .setAccessMode("read only")
    .execute();
  try {
    return yield* new Audit(parts, input, transaction).run();
  } finally {
    await transaction.rollback().execute();
  }
}

class Audit {
  readonly #parts: Parts;
  readonly #input: AuditInput;
  readonly #tx: DatabaseTransaction;
  readonly #log: string;
  #size = 0;
  /** A bit for each entry: somebody's. */
  #claimed = new Uint8Array(0);
  readonly #summary: AuditSummary = {
    size: null,
    records: 0,
    waiting: 0,
    erased: 0,
    checkpoints: 0,
    stamps: 0,
    lists: 0,
  };

  constructor(parts: Parts, input: AuditInput, tx: DatabaseTransaction) {
    this.#parts = parts;
    this.#input = input;
    this.#tx = tx;
    this.#log = input.log.name;
  }

  async *run(): AsyncGenerator<Finding, AuditSummary> {
    const head = yield* this.#head();
    this.#size = head?.size ?? 0;
    this.#claimed = new Uint8Array(Math.ceil(this.#size / 8));
    yield* this.#unknownLogs();
    yield* this.#tiles();
    if (head) yield* this.#root("log_heads", { log: this.#log }, head, "HEAD_MISMATCH");
    yield* this.#records();
    yield* this.#leavesWithoutRecord();
    yield* this.#erasuresOfNothing();
    yield* this.#queueWithoutRecord();
    yield* this.#checkpoints();
    yield* this.#checkpointsOfOthers();
    yield* this.#gaps();
    yield* this.#lists();
    return this.#summary;
  }

  async *#head(): AsyncGenerator<Finding, VerifiedCheckpoint | undefined> {
    const key = { log: this.#log };
    const row = await this.#tx.selectFrom("log_heads").selectAll().where("log", "=", this.#log).executeTakeFirst();
    if (!row) {
      const { rows } = await sql`SELECT 1 FROM evidence LIMIT 1`.execute(this.#tx);
      if (rows.length > 0) yield { code: "HEAD_MISSING", table: "log_heads", key };
      return undefined;
    }
    try {
      const head = verifyCheckpoint(row.checkpoint, { log: this.#input.log, witnesses: this.#input.witnesses ?? [] });
      this.#summary.size = head.size;
      if (head.size !== Number(row.size)) {
        yield { code: "HEAD_INVALID", table: "log_heads", key, detail: `${row.size} entries, ${head.size} signed` };
      }
      return head;
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      yield { code: "HEAD_INVALID", table: "log_heads", key, detail: error.code };
      return undefined;
    }
  }

  async *#unknownLogs(): AsyncGenerator<Finding> {
    for (const table of ["log_heads", "log_tiles", "log_checkpoints", "evidence_leaves"] as const) {
      const { rows } = await sql<{ log: string }>`
        SELECT DISTINCT log FROM ${sql.table(table)} WHERE log <> ${this.#log} LIMIT 100`.execute(this.#tx);
      for (const { log } of rows) yield { code: "LOG_UNKNOWN", table, key: { log } };
    }
  }

  /** Every tile from the entries up. A tile that is missing is taken from what is stored above it, to find the rest. */
  async *#tiles(): AsyncGenerator<Finding> {
    const count = Math.ceil(this.#size / tileWidth);
    /** Of each level from 1 up, the hashes of the tile that is being filled. */
    const filling: Buffer[][] = [];
    const filled: number[] = [];
    for (let first = 0; first < count; first += tilesInPage) {
      const end = Math.min(count, first + tilesInPage);
      const [entries, hashes] = await Promise.all([
        this.#readTiles(entryLevel, first, end),
        this.#readTiles(0, first, end),
      ]);
      for (let index = first; index < end; index++) {
        const width = Math.min(tileWidth, this.#size - index * tileWidth);
        const held = entries.get(index);
        yield* this.#width(entryLevel, index, held, width);
        const own =
          held && held.length >= width * hashLength ? hashesOf(held.subarray(0, width * hashLength)) : undefined;
        yield* this.#compare(0, index, hashes.get(index), own, width);
        if (width < tileWidth) continue;
        let above = own ?? hashes.get(index);
        // The root of a full tile is a hash of the level above, and so on up.
        for (let level = 1; above && above.length === tileWidth * hashLength; level++) {
          filling[level] ??= [];
          filling[level]!.push(Buffer.from(subtreeRoot(above)));
          if (filling[level]!.length < tileWidth) break;
          const full = Buffer.concat(filling[level]!);
          filled[level] ??= 0;
          const at = filled[level]!++;
          yield* this.#compare(level, at, (await this.#readTiles(level, at, at + 1)).get(at), full, tileWidth);
          filling[level] = [];
          above = full;
        }
      }
    }
    for (let level = 1; level < filling.length; level++) {
      const hashes = filling[level]!;
      const at = filled[level] ?? 0;
      const stored = (await this.#readTiles(level, at, at + 1)).get(at);
      if (hashes.length > 0) yield* this.#compare(level, at, stored, Buffer.concat(hashes), hashes.length);
    }
    yield* this.#tilesOutside();
  }

  async *#compare(
    level: number,
    index: number,
    stored: Buffer | undefined,
    computed: Buffer | undefined,
    width: number,
  ): AsyncGenerator<Finding> {
    yield* this.#width(level, index, stored, width);
    if (!stored || !computed) return;
    if (!stored.subarray(0, computed.length).equals(computed)) {
      yield { code: "TILE_MISMATCH", table: "log_tiles", key: { level, index } };
    }
  }

  *#width(level: number, index: number, stored: Buffer | undefined, width: number): Generator<Finding> {
    const key = { level, index };
    if (!stored) yield { code: "TILE_MISSING", table: "log_tiles", key };
    else if (stored.length < width * hashLength)
      yield { code: "TILE_MISMATCH", table: "log_tiles", key, detail: "too short" };
    else if (stored.length > width * hashLength) yield { code: "TILE_OUTSIDE", table: "log_tiles", key };
  }

  async *#tilesOutside(): AsyncGenerator<Finding> {
    const ends: { level: number; end: number }[] = [{ level: entryLevel, end: Math.ceil(this.#size / tileWidth) }];
    for (let level = 0, inLevel = this.#size; inLevel > 0; level++, inLevel = Math.floor(inLevel / tileWidth)) {
      ends.push({ level, end: Math.ceil(inLevel / tileWidth) });
    }
    const inside = sql.join(
      ends.map(({ level, end }) => sql`(level = ${level} AND tile_index >= 0 AND tile_index < ${end})`),
      sql` OR `,
    );
    const { rows } = await sql<{ level: number; tile_index: string }>`
      SELECT level, tile_index FROM log_tiles WHERE log = ${this.#log} AND NOT (${inside}) LIMIT 100`.execute(this.#tx);
    for (const { level, tile_index } of rows) {
      yield { code: "TILE_OUTSIDE", table: "log_tiles", key: { level, index: Number(tile_index) } };
    }
  }

  async #readTiles(level: number, first: number, end: number): Promise<Map<number, Buffer>> {
    const rows = await this.#tx
      .selectFrom("log_tiles")
      .select(["tile_index", "content"])
      .where("log", "=", this.#log)
      .where("level", "=", level)
      .where("tile_index", ">=", String(first))
      .where("tile_index", "<", String(end))
      .execute();
    return new Map(rows.map(({ tile_index, content }) => [Number(tile_index), content]));
  }

  async *#root(
    table: string,
    key: Finding["key"],
    { size, root }: VerifiedCheckpoint,
    code: "HEAD_MISMATCH" | "CHECKPOINT_MISMATCH",
  ): AsyncGenerator<Finding> {
    const own = await rootOf({ database: this.#tx }, this.#log, size).catch(() => undefined);
    if (!own?.equals(root)) yield { code, table, key, detail: `at ${size} entries` };
  }

  async *#records(): AsyncGenerator<Finding> {
    for (let after = { account: noAccount, evidence: noAccount }; ; ) {
      const { rows } = await sql<RecordRow>`
        SELECT e.*, l.leaf_index, l.log, q.commitment AS queued_commitment, q.queued_at,
          substring(t.content from ((l.leaf_index % 256) * 32 + 1)::integer for 32) AS logged
        FROM evidence e
        LEFT JOIN evidence_leaves l ON l.account_id = e.account_id AND l.evidence_id = e.evidence_id
        LEFT JOIN evidence_queue q ON q.account_id = e.account_id AND q.evidence_id = e.evidence_id
        LEFT JOIN log_tiles t ON t.log = l.log AND t.level = ${entryLevel} AND t.tile_index = l.leaf_index / 256
        WHERE (e.account_id, e.evidence_id) > (${after.account}::uuid, ${after.evidence}::uuid)
        ORDER BY e.account_id, e.evidence_id LIMIT ${sql.lit(pageSize)}`.execute(this.#tx);
      const named = new Map<string, Finding["key"]>();
      for (const row of rows) yield* this.#record(row, named);
      yield* this.#namedLists(named);
      const last = rows.at(-1);
      if (!last || rows.length < pageSize) return;
      after = { account: last.account_id, evidence: last.evidence_id };
    }
  }

  *#record(row: RecordRow, named: Map<string, Finding["key"]>): Generator<Finding> {
    this.#summary.records++;
    const key = { accountId: row.account_id, evidenceId: row.evidence_id };
    const table = "evidence";
    try {
      const { salt, record } = readEvidence(this.#parts, row);
      const client = openClientRecord(this.#parts, row);
      const own = commitmentOf(salt, record);
      const commitment = client ? pairCommitment(own, commitmentOf(client.salt, client.record)) : own;
      if (!commitment.equals(row.commitment)) yield { code: "COMMITMENT_MISMATCH", table, key };
      const says = JSON.parse(record.toString("utf8")) as Said;
      const column = mismatch(row, says);
      if (column) yield { code: "ROW_MISMATCH", table, key, detail: column };
      const { certificateStatus: status } = says;
      if (status?.kind === "crl" && status.listDigest) named.set(status.listDigest, key);
    } catch (error) {
      if (!(error instanceof SealerError || error instanceof SyntaxError)) throw error;
      yield { code: "RECORD_UNREADABLE", table, key };
    }
    yield* this.#place(row, key);
  }

  /** In the log, or on its way there, and not both. */
  *#place(row: RecordRow, key: Finding["key"]): Generator<Finding> {
    const { leaf_index, log, logged, queued_commitment, queued_at, commitment, created_at } = row;
    if (queued_commitment && queued_at) {
      this.#summary.waiting++;
      const table = "evidence_queue";
      if (!queued_commitment.equals(commitment)) yield { code: "QUEUE_MISMATCH", table, key, detail: "commitment" };
      if (queued_at.getTime() !== created_at.getTime())
        yield { code: "QUEUE_MISMATCH", table, key, detail: "queued_at" };
      if (leaf_index !== null) yield { code: "QUEUED_AND_LOGGED", table, key };
      const age = this.#parts.clock() - created_at.getTime();
      if (age > (this.#input.queueAge ?? defaultQueueAge)) yield { code: "OVERDUE", table, key };
    } else if (leaf_index === null) {
      yield { code: "NOT_LOGGED", table: "evidence", key };
    }
    if (leaf_index === null || log !== this.#log) return;
    yield* this.#claim(Number(leaf_index), key);
    if (Number(leaf_index) < this.#size && !logged?.equals(commitment)) {
      yield { code: "LEAF_MISMATCH", table: "evidence_leaves", key: { ...key, leaf: Number(leaf_index) } };
    }
  }

  *#claim(leaf: number, key: Finding["key"]): Generator<Finding> {
    const at = { ...key, leaf };
    if (!(leaf >= 0 && leaf < this.#size)) {
      yield { code: "LEAF_OUTSIDE", table: "evidence_leaves", key: at };
      return;
    }
    const bit = 1 << (leaf & 7);
    if ((this.#claimed[leaf >> 3]! & bit) !== 0) yield { code: "LEAF_DUPLICATE", table: "evidence_leaves", key: at };
    this.#claimed[leaf >> 3]! |= bit;
  }

  /** Places of stamps are looked at with the checkpoints. */
  async *#leavesWithoutRecord(): AsyncGenerator<Finding> {
    for (let after = { account: noAccount, evidence: noAccount }; ; ) {
      const { rows } = await sql<OrphanRow>`
        SELECT l.account_id, l.evidence_id, l.leaf_index, c.evidence_id IS NOT NULL AS stamped,
          x.commitment AS erased_commitment, x.erasure_evidence_id, r.record_sealed,
          substring(t.content from ((l.leaf_index % 256) * 32 + 1)::integer for 32) AS logged
        FROM evidence_leaves l
        LEFT JOIN evidence_erasures x ON x.account_id = l.account_id AND x.evidence_id = l.evidence_id
        LEFT JOIN evidence r ON r.account_id = x.account_id AND r.evidence_id = x.erasure_evidence_id
        LEFT JOIN log_tiles t ON t.log = l.log AND t.level = ${entryLevel} AND t.tile_index = l.leaf_index / 256
        LEFT JOIN evidence e ON e.account_id = l.account_id AND e.evidence_id = l.evidence_id
        LEFT JOIN log_checkpoints c ON l.account_id = ${noAccount}::uuid AND c.log = l.log AND c.evidence_id = l.evidence_id
        WHERE e.evidence_id IS NULL AND l.log = ${this.#log}
          AND (l.account_id, l.evidence_id) > (${after.account}::uuid, ${after.evidence}::uuid)
        ORDER BY l.account_id, l.evidence_id LIMIT ${sql.lit(pageSize)}`.execute(this.#tx);
      for (const row of rows) {
        if (row.stamped) continue;
        const key = { accountId: row.account_id, evidenceId: row.evidence_id, leaf: Number(row.leaf_index) };
        if (!row.erased_commitment) yield { code: "LEAF_WITHOUT_RECORD", table: "evidence_leaves", key };
        else if (!this.#isErased(row)) yield { code: "ERASURE_MISMATCH", table: "evidence_erasures", key };
        else this.#summary.erased++;
        // What is missing is the record, and not also the place.
        yield* this.#claim(Number(row.leaf_index), key);
      }
      const last = rows.at(-1);
      if (!last || rows.length < pageSize) return;
      after = { account: last.account_id, evidence: last.evidence_id };
    }
  }

  /** Whether the record of the erasure, which the log holds, names this evidence as the log does. */
  #isErased(row: OrphanRow): boolean {
    const { account_id, evidence_id, erased_commitment, erasure_evidence_id, record_sealed, logged } = row;
    if (!erased_commitment || !erasure_evidence_id || !record_sealed || !logged?.equals(erased_commitment))
      return false;
    try {
      const { record } = readEvidence(this.#parts, { account_id, evidence_id: erasure_evidence_id, record_sealed });
      const { kind, erased = [] } = JSON.parse(record.toString("utf8")) as {
        kind: string;
        erased?: { evidenceId: string; commitment: string }[];
      };
      const commitment = erased_commitment.toString("base64url");
      return (
        kind === "erasure" && erased.some((one) => one.evidenceId === evidence_id && one.commitment === commitment)
      );
    } catch (error) {
      if (!(error instanceof SealerError || error instanceof SyntaxError)) throw error;
      return false;
    }
  }

  /** Erasures of what is there, or of what never was. */
  async *#erasuresOfNothing(): AsyncGenerator<Finding> {
    const { rows } = await sql<{ account_id: string; evidence_id: string }>`
      SELECT x.account_id, x.evidence_id FROM evidence_erasures x
      LEFT JOIN evidence e ON e.account_id = x.account_id AND e.evidence_id = x.evidence_id
      LEFT JOIN evidence_leaves l ON l.account_id = x.account_id AND l.evidence_id = x.evidence_id
      WHERE e.evidence_id IS NOT NULL OR l.evidence_id IS NULL LIMIT 1000`.execute(this.#tx);
    for (const { account_id: accountId, evidence_id: evidenceId } of rows) {
      yield { code: "ERASURE_MISMATCH", table: "evidence_erasures", key: { accountId, evidenceId } };
    }
  }

  async *#queueWithoutRecord(): AsyncGenerator<Finding> {
    const { rows } = await sql<{ account_id: string; evidence_id: string }>`
      SELECT q.account_id, q.evidence_id FROM evidence_queue q
      LEFT JOIN evidence e ON e.account_id = q.account_id AND e.evidence_id = q.evidence_id
      LEFT JOIN log_checkpoints c ON q.account_id = ${noAccount}::uuid AND c.evidence_id = q.evidence_id
      WHERE e.evidence_id IS NULL AND c.evidence_id IS NULL LIMIT 1000`.execute(this.#tx);
    for (const { account_id: accountId, evidence_id: evidenceId } of rows) {
      yield { code: "QUEUE_WITHOUT_RECORD", table: "evidence_queue", key: { accountId, evidenceId } };
    }
  }

  async *#checkpoints(): AsyncGenerator<Finding> {
    for (let after = "-1"; ; ) {
      const { rows } = await sql<CheckpointRow>`
        SELECT c.*, l.leaf_index, q.commitment AS queued_commitment, q.queued_at,
          substring(t.content from ((l.leaf_index % 256) * 32 + 1)::integer for 32) AS logged
        FROM log_checkpoints c
        LEFT JOIN evidence_leaves l ON l.account_id = ${noAccount}::uuid AND l.evidence_id = c.evidence_id
        LEFT JOIN evidence_queue q ON q.account_id = ${noAccount}::uuid AND q.evidence_id = c.evidence_id
        LEFT JOIN log_tiles t ON t.log = c.log AND t.level = ${entryLevel} AND t.tile_index = l.leaf_index / 256
        WHERE c.log = ${this.#log} AND c.size > ${after}::bigint
        ORDER BY c.size LIMIT ${sql.lit(pageSize)}`.execute(this.#tx);
      for (const row of rows) yield* this.#checkpoint(row);
      const last = rows.at(-1);
      if (!last || rows.length < pageSize) return;
      after = last.size;
    }
  }

  async *#checkpoint(row: CheckpointRow): AsyncGenerator<Finding> {
    this.#summary.checkpoints++;
    const table = "log_checkpoints";
    const key = { size: Number(row.size) };
    const { witnesses = [], log } = this.#input;
    try {
      const checkpoint = verifyCheckpoint(row.checkpoint, { log, witnesses });
      const { signatures, text } = parseSignedNote(row.checkpoint);
      if (checkpoint.size !== key.size) yield { code: "CHECKPOINT_INVALID", table, key, detail: "size" };
      if (
        signatures.length - 1 !== row.cosignatures ||
        (witnesses.length > 0 && checkpoint.witnesses.length < row.cosignatures)
      ) {
        yield { code: "CHECKPOINT_INVALID", table, key, detail: "cosignatures" };
      }
      if (checkpoint.size > this.#size) yield { code: "ROLLED_BACK", table, key };
      else yield* this.#root(table, key, checkpoint, "CHECKPOINT_MISMATCH");
      yield* this.#stamp(row, text, key);
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      yield { code: "CHECKPOINT_INVALID", table, key, detail: error.code };
      if (row.leaf_index !== null) yield* this.#claim(Number(row.leaf_index), key);
    }
  }

  *#stamp(row: CheckpointRow, text: string, key: Finding["key"]): Generator<Finding> {
    const table = "log_checkpoints";
    const {
      token,
      token_list: list,
      token_time: time,
      evidence_id: evidenceId,
      leaf_index,
      logged,
      queued_commitment,
    } = row;
    if (!token || !list || !time || !evidenceId) {
      if (token || list || time || evidenceId)
        yield { code: "TIMESTAMP_INVALID", table, key, detail: "half of a stamp" };
      if (leaf_index !== null) yield* this.#claim(Number(leaf_index), key);
      return;
    }
    this.#summary.stamps++;
    const commitment = stampCommitment(text, { token, list });
    if (queued_commitment) {
      if (!queued_commitment.equals(commitment)) yield { code: "QUEUE_MISMATCH", table: "evidence_queue", key };
      if (row.queued_at?.getTime() !== time.getTime()) yield { code: "QUEUE_MISMATCH", table: "evidence_queue", key };
      if (leaf_index !== null) yield { code: "QUEUED_AND_LOGGED", table: "evidence_queue", key };
    } else if (leaf_index === null) {
      yield { code: "NOT_LOGGED", table, key };
    }
    if (leaf_index !== null) {
      yield* this.#claim(Number(leaf_index), key);
      if (!logged?.equals(commitment)) yield { code: "LEAF_MISMATCH", table: "evidence_leaves", key };
    }
    const wrong = this.#wrongToken(text, { token, list, time });
    if (wrong) yield { code: "TIMESTAMP_INVALID", table, key, detail: wrong };
  }

  #wrongToken(text: string, { token, list, time }: { token: Buffer; list: Buffer; time: Date }): string | undefined {
    const { timestampAnchors: anchors = [] } = this.#input;
    try {
      if (readTimestampTime(token) !== time.getTime()) return "time";
      if (anchors.length === 0) return undefined;
      verifyTimestamp(token, {
        content: Buffer.from(text, "utf8"),
        anchors,
        time,
        now: new Date(time.getTime() + 24 * 3_600_000),
        revocation: { ocspResponses: [], crls: [list], maxAge: 0 },
      });
      return undefined;
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      return error.code;
    }
  }

  /** What somebody kept elsewhere. */
  async *#checkpointsOfOthers(): AsyncGenerator<Finding> {
    for (const [number, note] of (this.#input.checkpoints ?? []).entries()) {
      const key = { checkpoint: number + 1 };
      const table = "(kept elsewhere)";
      try {
        const checkpoint = verifyCheckpoint(note, { log: this.#input.log, witnesses: this.#input.witnesses ?? [] });
        if (checkpoint.size > this.#size) {
          yield { code: "ROLLED_BACK", table, key, detail: `${checkpoint.size} entries, now ${this.#size}` };
        } else yield* this.#root(table, key, checkpoint, "CHECKPOINT_MISMATCH");
      } catch (error) {
        if (!(error instanceof PkiError)) throw error;
        yield { code: "CHECKPOINT_INVALID", table, key, detail: error.code };
      }
    }
  }

  *#gaps(): Generator<Finding> {
    let named = 0;
    for (let leaf = 0; leaf < this.#size && named < namedGaps; leaf++) {
      if ((this.#claimed[leaf >> 3]! & (1 << (leaf & 7))) !== 0) continue;
      named++;
      const detail = named === namedGaps ? "and perhaps more behind it" : undefined;
      yield { code: "LEAF_MISSING", table: "evidence_leaves", key: { leaf }, ...(detail && { detail }) };
    }
  }

  async *#namedLists(named: Map<string, Finding["key"]>): AsyncGenerator<Finding> {
    if (named.size === 0) return;
    const digests = [...named.keys()].map((text) => Buffer.from(text, "base64"));
    const rows = await this.#tx
      .selectFrom("revocation_lists")
      .select("digest")
      .where("digest", "in", digests)
      .execute();
    const present = new Set(rows.map(({ digest }) => digest.toString("base64")));
    for (const [digest, key] of named) {
      if (!present.has(digest)) yield { code: "LIST_MISSING", table: "revocation_lists", key };
    }
  }

  /** One at a time: they may be long. */
  async *#lists(): AsyncGenerator<Finding> {
    for (let after: Buffer = Buffer.alloc(0); ; ) {
      const row = await this.#tx
        .selectFrom("revocation_lists")
        .select(["digest", "der"])
        .where("digest", ">", after)
        .orderBy("digest")
        .limit(1)
        .executeTakeFirst();
      if (!row) return;
      this.#summary.lists++;
      if (!createHash("sha256").update(row.der).digest().equals(row.digest)) {
        yield { code: "LIST_MISMATCH", table: "revocation_lists", key: { digest: row.digest.toString("hex") } };
      }
      after = row.digest;
    }
  }
}

type RecordRow = {
  account_id: string;
  evidence_id: string;
  kind: string;
  client_id: string | null;
  request_id: string | null;
  record_sealed: Buffer;
  client_record_sealed: Buffer | null;
  commitment: Buffer;
  created_at: Date;
} & Place;

type Place = {
  leaf_index: string | null;
  log: string | null;
  logged: Buffer | null;
  queued_commitment: Buffer | null;
  queued_at: Date | null;
};

type OrphanRow = {
  account_id: string;
  evidence_id: string;
  leaf_index: string;
  stamped: boolean;
  erased_commitment: Buffer | null;
  erasure_evidence_id: string | null;
  record_sealed: Buffer | null;
  logged: Buffer | null;
};

type CheckpointRow = {
  size: string;
  checkpoint: string;
  cosignatures: number;
  token: Buffer | null;
  token_list: Buffer | null;
  token_time: Date | null;
  evidence_id: string | null;
} & Place;

/** The members of a record that its row repeats, and what it rests on. */
type Said = {
  accountId: string;
  evidenceId: string;
  kind: string;
  clientId?: string;
  requestId?: string;
  time: string;
  certificateStatus?: { kind: string; listDigest?: string };
};

/** The column that says something else than the record. */
function mismatch(row: RecordRow, says: Said): string | undefined {
  const pairs: [string, unknown, unknown][] = [
    ["account_id", row.account_id, says.accountId],
    ["evidence_id", row.evidence_id, says.evidenceId],
    ["kind", row.kind, says.kind],
    ["client_id", row.client_id, says.clientId ?? null],
    ["request_id", row.request_id, says.requestId ?? null],
    ["created_at", row.created_at.toISOString(), says.time],
  ];
  return pairs.find(([, column, said]) => column !== said)?.[0];
}

function hashesOf(entries: Buffer): Buffer {
  const hashes: Buffer[] = [];
  for (let at = 0; at < entries.length; at += hashLength) hashes.push(leafHash(entries.subarray(at, at + hashLength)));
  return Buffer.concat(hashes);
}
