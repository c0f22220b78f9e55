import { createHash, randomUUID } from "node:crypto";
import { parseSignedNote } from "@xid/pki";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import type { OutageLog } from "../jpki/outage-log.ts";
import type { Platform } from "../platform.ts";
import { type DatabaseTransaction, transaction } from "../store/database.ts";
import { noAccount, stampCommitment } from "./checkpoint-stamp.ts";
import { proveConsistency } from "./log.ts";
import type { Timestamp, TimestampAuthority } from "./timestamp-authority.ts";
import { WitnessClient, WitnessError, withCosignatures } from "./witness-client.ts";

type Parts = Pick<Platform, "database" | "clock"> & { log: Pick<Logger, "warn" | "error"> };

export type Vouchers = {
  timestamp: Pick<TimestampAuthority, "stamp"> | undefined;
  /** Milliseconds from one stamped checkpoint to the next. */
  stampInterval: number;
  witnesses: readonly WitnessClient[];
  outages: OutageLog;
};

export function vouchersOf(
  { timestamp, witnesses }: Config["evidence"],
  source: TimestampAuthority | undefined,
  outages: OutageLog,
): Vouchers {
  return {
    timestamp: source,
    stampInterval: (timestamp?.interval ?? 0) * 1000,
    witnesses: witnesses.map((witness) => new WitnessClient(witness)),
    outages,
  };
}

/**
 * Shows the log's newest checkpoint to the witnesses and, when that is due, to the time-stamping authority, and keeps what
 * they said of it. Nothing waits for them: what one does not answer now covers the next checkpoint, and everything before.
 * Any number of processes may do so at once. `unanswered`: somebody who was asked said nothing of use.
 */
export async function publishCheckpoint(
  parts: Parts,
  origin: string,
  vouchers: Vouchers,
): Promise<"published" | "nothing new" | "unanswered"> {
  const { database, clock } = parts;
  const head = await database
    .selectFrom("log_heads")
    .select(["size", "checkpoint"])
    .where("log", "=", origin)
    .executeTakeFirst();
  if (!head || head.size === "0") return "nothing new";
  const { isCosigned, isStampDue } = await standing(parts, origin, Number(head.size), vouchers);
  const [note, stamp] = await Promise.all([
    isCosigned ? undefined : cosign(parts, origin, { ...head, size: Number(head.size) }, vouchers),
    isStampDue ? stampOf(head.checkpoint, vouchers.timestamp) : undefined,
  ]);
  const isMissing = (isStampDue && !stamp) || (!isCosigned && note?.count !== vouchers.witnesses.length);
  if (!note && !stamp) return isMissing ? "unanswered" : "nothing new";
  await keep(parts, origin, {
    size: head.size,
    checkpoint: note?.checkpoint ?? head.checkpoint,
    cosignatures: note?.count ?? 0,
    stamp,
    at: new Date(clock()),
  });
  return isMissing ? "unanswered" : "published";
}

async function standing(
  { database, clock }: Parts,
  origin: string,
  size: number,
  { timestamp, stampInterval, witnesses }: Vouchers,
): Promise<{ isCosigned: boolean; isStampDue: boolean }> {
  const known = database.selectFrom("log_checkpoints").select(["size", "cosignatures", "published_at"]);
  const [newest, stamped] = await Promise.all([
    known.where("log", "=", origin).where("size", "=", String(size)).executeTakeFirst(),
    known.where("log", "=", origin).where("token", "is not", null).orderBy("size", "desc").limit(1).executeTakeFirst(),
  ]);
  // The log grows by the entry of the stamp itself: that alone is no reason for another.
  const isWaiting =
    stamped && (size - Number(stamped.size) <= 1 || clock() - stamped.published_at.getTime() < stampInterval);
  return {
    isCosigned: (newest?.cosignatures ?? 0) >= witnesses.length,
    isStampDue: timestamp !== undefined && !isWaiting,
  };
}

/** Without those who refuse or do not answer. Undefined when all do. */
async function cosign(
  parts: Parts,
  origin: string,
  head: { size: number; checkpoint: string },
  { witnesses, outages }: Vouchers,
): Promise<{ checkpoint: string; count: number } | undefined> {
  const prove = (before: number) => proveConsistency(parts, origin, before, head.size);
  const answers = await Promise.allSettled(
    witnesses.map((witness) =>
      outages.watch("witness", witness.url, () => witness.cosign(head.checkpoint, head.size, prove)),
    ),
  );
  const signatures = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const size = await sizeOf(parts, origin);
  answers.forEach((answer, index) => {
    if (answer.status === "fulfilled") return;
    if (!(answer.reason instanceof WitnessError)) throw answer.reason;
    const { code, message, seen } = answer.reason;
    // Another process was faster with a later checkpoint.
    if (code === "ROLLED_BACK" && seen <= size) return;
    // A log that was set back or rewritten is the one thing that somebody must look at now.
    if (code === "ROLLED_BACK" || code === "INCONSISTENT") {
      parts.log.error({ witness: witnesses[index]!.url, code }, message);
    }
  });
  if (signatures.length === 0) return undefined;
  return { checkpoint: withCosignatures(head.checkpoint, signatures), count: signatures.length };
}

async function sizeOf({ database }: Parts, origin: string): Promise<number> {
  const head = await database.selectFrom("log_heads").select("size").where("log", "=", origin).executeTakeFirst();
  return Number(head?.size ?? 0);
}

/** Undefined while the authority does not answer: it has told the log (openTimestampAuthority). */
async function stampOf(checkpoint: string, authority: Vouchers["timestamp"]): Promise<Timestamp | undefined> {
  const { text } = parseSignedNote(checkpoint);
  return authority?.stamp(createHash("sha256").update(text, "utf8").digest()).catch(() => undefined);
}

type Published = {
  size: string;
  checkpoint: string;
  cosignatures: number;
  stamp: Timestamp | undefined;
  at: Date;
};

async function keep({ database }: Parts, origin: string, published: Published): Promise<void> {
  const { size, checkpoint, cosignatures, stamp } = published;
  await transaction(database, async (tx) => {
    const evidenceId = randomUUID();
    const kept = await insert(tx, origin, published, stamp ? evidenceId : null);
    // Of two processes that have it stamped at once, one's stamp is kept.
    if (!stamp || kept.evidence_id !== evidenceId) return;
    const commitment = stampCommitment(parseSignedNote(checkpoint).text, stamp);
    await tx
      .insertInto("evidence_queue")
      .values({ account_id: noAccount, evidence_id: evidenceId, commitment, queued_at: stamp.time })
      .execute();
  });
  // What everybody is shown, unless the log has grown meanwhile.
  await database
    .updateTable("log_heads")
    .set({ checkpoint })
    .where("log", "=", origin)
    .where("size", "=", size)
    .execute();
  if (!stamp) return;
  await database
    .deleteFrom("log_checkpoints")
    .where("log", "=", origin)
    .where("token", "is", null)
    .where("size", "<", size)
    .where("cosignatures", "<=", cosignatures)
    .execute();
}

function insert(
  tx: DatabaseTransaction,
  origin: string,
  { size, checkpoint, cosignatures, stamp, at }: Published,
  evidenceId: string | null,
): Promise<{ evidence_id: string | null }> {
  return tx
    .insertInto("log_checkpoints")
    .values({
      log: origin,
      size,
      checkpoint,
      cosignatures,
      token: stamp?.token ?? null,
      token_list: stamp?.list ?? null,
      token_time: stamp?.time ?? null,
      evidence_id: evidenceId,
      published_at: at,
    })
    .onConflict((conflict) =>
      conflict.columns(["log", "size"]).doUpdateSet(({ ref, fn, eb }) => ({
        // A witness signs the same checkpoint again with a later time; an earlier answer of more of them stays.
        checkpoint: eb
          .case()
          .when("excluded.cosignatures", ">=", ref("log_checkpoints.cosignatures"))
          .then(ref("excluded.checkpoint"))
          .else(ref("log_checkpoints.checkpoint"))
          .end(),
        cosignatures: fn("greatest", ["excluded.cosignatures", "log_checkpoints.cosignatures"]),
        // The first token says the most: token, list and time are one.
        token: fn.coalesce("log_checkpoints.token", "excluded.token"),
        token_list: fn.coalesce("log_checkpoints.token_list", "excluded.token_list"),
        token_time: fn.coalesce("log_checkpoints.token_time", "excluded.token_time"),
        evidence_id: fn.coalesce("log_checkpoints.evidence_id", "excluded.evidence_id"),
      })),
    )
    .returning("evidence_id")
    .executeTakeFirstOrThrow();
}

/** How often the head is looked at, in milliseconds. */
const lookInterval = 1_000;
/** How long after a round in which somebody did not answer. */
const pause = 15_000;

/** Runs `publishCheckpoint` as the log grows. One per process. */
export class CheckpointPublisher {
  readonly #parts: Parts;
  readonly #origin: string;
  readonly #vouchers: Vouchers;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: Parts, origin: string, vouchers: Vouchers) {
    this.#parts = parts;
    this.#origin = origin;
    this.#vouchers = vouchers;
  }

  start(): void {
    if (this.#vouchers.timestamp || this.#vouchers.witnesses.length > 0) this.#after(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #after(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      this.#running = this.#round();
    }, milliseconds);
  }

  async #round(): Promise<void> {
    let wait = lookInterval;
    try {
      const outcome = await publishCheckpoint(this.#parts, this.#origin, this.#vouchers);
      if (outcome === "unanswered") wait = pause;
    } catch (error) {
      wait = pause;
      this.#parts.log.warn({ err: error }, "the log's checkpoint could not be published");
    }
    if (!this.#stopped) this.#after(wait);
  }
}
