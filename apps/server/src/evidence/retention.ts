import type { Platform } from "../platform.ts";
import { transaction } from "../store/database.ts";
import { insertEvidence, recordEvidence } from "./record.ts";

/** 犯収法第6条: records are kept for seven years from the end of the relationship. */
export const retentionYears = 7;

export type Relationship = {
  endedAt: Date | null;
  /** Why nothing of it may be erased. */
  hold: string | null;
  /** From when on it may be; null while the relationship lasts. */
  keptUntil: Date | null;
  erasedAt: Date | null;
};

type Parts = Pick<Platform, "database" | "sealer">;
type Ids = { accountId: string; clientId: string };

const none: Relationship = { endedAt: null, hold: null, keptUntil: null, erasedAt: null };

/** What is known of how long a client's evidence of a person is kept. */
export async function readRelationship(parts: Parts, { accountId, clientId }: Ids): Promise<Relationship> {
  const row = await parts.database
    .selectFrom("relationships")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("client_id", "=", clientId)
    .executeTakeFirst();
  if (!row) return none;
  const { ended_at: endedAt, hold_sealed, erased_at: erasedAt } = row;
  const hold = hold_sealed && parts.sealer.open(holdContext({ accountId, clientId }), hold_sealed).toString("utf8");
  return { endedAt, hold, keptUntil: endedAt && keptUntil(endedAt), erasedAt };
}

/** Says when the relationship ended, or that it goes on, and whether there is a legal hold: both as a whole. */
export async function writeRelationship(
  { database, sealer }: Parts,
  ids: Ids,
  { endedAt, hold, now }: { endedAt: Date | null; hold: string | null; now: Date },
): Promise<void> {
  const columns = {
    ended_at: endedAt,
    hold_sealed: hold === null ? null : sealer.seal(holdContext(ids), Buffer.from(hold)),
    changed_at: now,
    // What is done for the client from now on is to be erased again one day.
    erased_at: null,
  };
  await database
    .insertInto("relationships")
    .values({ account_id: ids.accountId, client_id: ids.clientId, ...columns })
    .onConflict((conflict) => conflict.columns(["account_id", "client_id"]).doUpdateSet(columns))
    .execute();
}

/** So many records in one transaction. */
const batchSize = 200;

/**
 * Erases the evidence of relationships that ended so long ago, unless there is a hold or evidence that is younger. The log keeps the commitments, and a record
 * of its own says what was erased and why. At most `batchSize` records; returns how many. May run in several processes.
 */
export async function eraseExpired(
  platform: Pick<Platform, "database" | "sealer">,
  /** Milliseconds since 1970, by the clock that evidence goes by. */
  now: number,
): Promise<number> {
  return transaction(platform.database, async (tx) => {
    const before = new Date(now);
    before.setUTCFullYear(before.getUTCFullYear() - retentionYears);
    const due = await tx
      .selectFrom("relationships")
      .select(["account_id", "client_id"])
      .where("ended_at", "<=", before)
      .where("erased_at", "is", null)
      .where("hold_sealed", "is", null)
      // Whatever the client says: where something was done for it since, the relationship had not ended.
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom("evidence")
              .select("evidence.evidence_id")
              .whereRef("evidence.account_id", "=", "relationships.account_id")
              .whereRef("evidence.client_id", "=", "relationships.client_id")
              .where("evidence.created_at", ">", before),
          ),
        ),
      )
      .orderBy("ended_at")
      .limit(1)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (!due) return 0;
    const { account_id, client_id } = due;
    // What the log does not hold yet is not old, whatever its date says.
    const rows = await tx
      .selectFrom("evidence")
      .innerJoin("evidence_leaves", (join) =>
        join
          .onRef("evidence_leaves.account_id", "=", "evidence.account_id")
          .onRef("evidence_leaves.evidence_id", "=", "evidence.evidence_id"),
      )
      .select(["evidence.evidence_id", "evidence.commitment", "evidence.kind"])
      .where("evidence.account_id", "=", account_id)
      .where("evidence.client_id", "=", client_id)
      .limit(batchSize)
      .execute();
    if (rows.length < batchSize) {
      await tx
        .updateTable("relationships")
        .set({ erased_at: new Date(now) })
        .where("account_id", "=", account_id)
        .where("client_id", "=", client_id)
        .execute();
    }
    if (rows.length === 0) return 0;
    const erasure = recordEvidence(platform, {
      accountId: account_id,
      kind: "erasure",
      clientId: null,
      requestId: null,
      time: now,
      content: {
        of: client_id,
        because: "retention_ended",
        retentionYears,
        erased: rows.map(({ evidence_id, commitment }) => ({
          evidenceId: evidence_id,
          commitment: commitment.toString("base64url"),
        })),
      },
    });
    await insertEvidence(tx, erasure);
    await tx
      .insertInto("evidence_erasures")
      .values(
        rows.map(({ evidence_id, commitment }) => ({
          account_id,
          evidence_id,
          commitment,
          erasure_evidence_id: erasure.evidence_id,
        })),
      )
      .execute();
    await tx
      .deleteFrom("evidence")
      .where("account_id", "=", account_id)
      .where(
        "evidence_id",
        "in",
        rows.map(({ evidence_id }) => evidence_id),
      )
      .execute();
    return rows.length;
  });
}

/** From when on evidence may be erased. */
export function keptUntil(endedAt: Date): Date {
  const until = new Date(endedAt);
  until.setUTCFullYear(until.getUTCFullYear() + retentionYears);
  return until;
}

function holdContext({ accountId, clientId }: Ids): string {
  return `relationships.hold_sealed:${accountId}.${clientId}`;
}
