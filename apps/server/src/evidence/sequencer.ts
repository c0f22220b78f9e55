import { formatCheckpoint, formatSignedNote, type NoteKey, signNote } from "@xid/pki";
import { sql } from "kysely";
import type { Logger } from "pino";
import type { Platform } from "../platform.ts";
import { type DatabaseTransaction, transaction } from "../store/database.ts";
import { edgeOf, GrowingTree, type StoredTile } from "./growing-tree.ts";
import type { LogKey } from "./log-key.ts";

type Parts = Pick<Platform, "database" | "clock">;

/** As many entries as one transaction adds. */
const batchSize = 1000;

/** How long an entry may wait for others, and how often it is looked for those that a killed process left, in ms. */
const gatheringTime = 200;
const lookInterval = 5_000;

/**
 * Moves what waits in the queue into the log, in the order of its time, and signs a new checkpoint: at most a thousand
 * in one transaction. Any number of processes may do so at once; the row of the log's head lets one in. Returns how many.
 */
export async function sequence({ database, clock }: Parts, key: LogKey): Promise<number> {
  await database
    .insertInto("log_heads")
    .values({
      log: key.name,
      size: "0",
      checkpoint: signCheckpoint(key, new GrowingTree(0, [])),
      signed_at: new Date(0),
    })
    .onConflict((conflict) => conflict.column("log").doNothing())
    .execute();
  return transaction(database, async (tx) => {
    const head = await tx
      .selectFrom("log_heads")
      .select("size")
      .where("log", "=", key.name)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const taken = await takeQueued(tx);
    if (taken.length === 0) return 0;
    const before = Number(head.size);
    const tree = new GrowingTree(before, await readEdge(tx, key.name, before));
    for (const { commitment } of taken) tree.append(commitment);
    await writeTiles(tx, key.name, tree.changed);
    await writeLeaves(tx, key.name, before, taken);
    await tx
      .updateTable("log_heads")
      .set({ size: String(tree.size), checkpoint: signCheckpoint(key, tree), signed_at: new Date(clock()) })
      .where("log", "=", key.name)
      .execute();
    return taken.length;
  });
}

/** What acts and exports need of the log. */
export type EvidenceLog = {
  /** Its origin, C2SP tlog-checkpoint. */
  name: string;
  key: NoteKey;
  /** Something was queued: let it soon be in the log. */
  nudge(): void;
};

/** Runs `sequence` soon after something was queued, and now and then. One per process. */
export class Sequencer implements EvidenceLog {
  readonly #parts: Parts & { log: Logger };
  readonly #key: LogKey;
  readonly key: NoteKey;
  #looking: NodeJS.Timeout | undefined;
  #gathering: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(parts: Parts & { log: Logger }, key: LogKey) {
    this.#parts = parts;
    this.#key = key;
    this.key = { name: key.name, kind: key.kind, publicKey: key.publicKey };
  }

  /** Before it, what is queued waits. */
  start(): void {
    this.#looking = setInterval(() => this.nudge(), lookInterval);
    this.nudge();
  }

  get name(): string {
    return this.#key.name;
  }

  nudge(): void {
    if (!this.#looking || this.#gathering) return;
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined;
      this.#running = (this.#running ?? Promise.resolve()).then(() => this.#drain());
    }, gatheringTime);
  }

  /** What is under way is finished; what waits stays in the queue. */
  async stop(): Promise<void> {
    clearInterval(this.#looking);
    this.#looking = undefined;
    clearTimeout(this.#gathering);
    await this.#running;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#looking && (await sequence(this.#parts, this.#key)) === batchSize);
    } catch (error) {
      this.#parts.log.warn({ err: error }, "the evidence log could not grow");
    }
  }
}

/** One text for any number of leaves: each text is planned, and kept, by every connection. */
async function writeLeaves(
  tx: DatabaseTransaction,
  log: string,
  before: number,
  taken: { account_id: string; evidence_id: string }[],
): Promise<void> {
  const accounts = taken.map(({ account_id }) => account_id);
  const acts = taken.map(({ evidence_id }) => evidence_id);
  const leaves = taken.map((_, offset) => String(before + offset));
  await sql`
    INSERT INTO evidence_leaves (account_id, evidence_id, log, leaf_index)
    SELECT account_id, evidence_id, ${log}, leaf_index
    FROM unnest(${accounts}::uuid[], ${acts}::uuid[], ${leaves}::bigint[]) AS t (account_id, evidence_id, leaf_index)`.execute(
    tx,
  );
}

async function takeQueued(tx: DatabaseTransaction) {
  const { rows } = await sql<{ account_id: string; evidence_id: string; commitment: Buffer; queued_at: Date }>`
    DELETE FROM evidence_queue WHERE (account_id, evidence_id) IN (
      SELECT account_id, evidence_id FROM evidence_queue ORDER BY queued_at LIMIT ${sql.lit(batchSize)}
    ) RETURNING account_id, evidence_id, commitment, queued_at`.execute(tx);
  return rows.sort(
    (one, other) =>
      one.queued_at.getTime() - other.queued_at.getTime() || one.evidence_id.localeCompare(other.evidence_id),
  );
}

async function readEdge(tx: DatabaseTransaction, log: string, size: number): Promise<StoredTile[]> {
  const edge = edgeOf(size);
  if (edge.length === 0) return [];
  const rows = await tx
    .selectFrom("log_tiles")
    .select(["level", "tile_index", "content"])
    .where("log", "=", log)
    .where(({ or, and, eb }) =>
      or(edge.map(({ level, index }) => and([eb("level", "=", level), eb("tile_index", "=", String(index))]))),
    )
    .execute();
  if (rows.length !== edge.length) throw new TypeError("the log lacks a tile at its edge");
  return rows.map(({ level, tile_index, content }) => ({ level, index: Number(tile_index), content }));
}

async function writeTiles(tx: DatabaseTransaction, log: string, tiles: StoredTile[]): Promise<void> {
  await tx
    .insertInto("log_tiles")
    .values(tiles.map(({ level, index, content }) => ({ log, level, tile_index: String(index), content })))
    .onConflict((conflict) =>
      conflict.columns(["log", "level", "tile_index"]).doUpdateSet(({ ref }) => ({ content: ref("excluded.content") })),
    )
    .execute();
}

function signCheckpoint(key: LogKey, tree: GrowingTree): string {
  const text = formatCheckpoint({ origin: key.name, size: tree.size, root: tree.root() });
  return formatSignedNote(text, [signNote(text, key)]);
}
