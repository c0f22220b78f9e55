import type { Platform } from "../platform.ts";
import type { Database } from "../store/database.ts";

type Parts = Pick<Platform, "database" | "sealer" | "clock">;

/** Seconds after the approval in which the relying party has to pick an envelope up; then it is gone. */
export const handOverLifetime = 900;

/** On its way through the platform: what nobody here can open, and nobody can take out of the database alone. */
export type HandOverState =
  | { state: "waiting"; envelope: string; expiresAt: Date }
  | { state: "collected"; collectedAt: Date }
  | { state: "gone" };

/** `gone` also when there never was one: whether the request was approved is the caller's to know. */
export async function readHandOver({ database, sealer, clock }: Parts, requestId: string): Promise<HandOverState> {
  const row = await database
    .selectFrom("hand_overs")
    .selectAll()
    .where("request_id", "=", requestId)
    .executeTakeFirst();
  if (row?.collected_at) return { state: "collected", collectedAt: row.collected_at };
  if (!row?.envelope_sealed || row.expires_at.getTime() <= clock()) return { state: "gone" };
  const envelope = sealer.open(context(requestId), row.envelope_sealed).toString("utf8");
  return { state: "waiting", envelope, expiresAt: row.expires_at };
}

/** The relying party has it: from here on nobody else does. Once more is the same as once. */
export async function collectHandOver({ database, clock }: Parts, requestId: string): Promise<void> {
  await database
    .updateTable("hand_overs")
    .set({ envelope_sealed: null, collected_at: new Date(clock()) })
    .where("request_id", "=", requestId)
    .where("envelope_sealed", "is not", null)
    .where("expires_at", ">", new Date(clock()))
    .execute();
}

/** Lets go of what was not picked up in time. Returns how many that were. */
export async function dropHandOvers(database: Database, now: number): Promise<number> {
  const { numUpdatedRows } = await database
    .updateTable("hand_overs")
    .set({ envelope_sealed: null })
    .where("envelope_sealed", "is not", null)
    .where("expires_at", "<=", new Date(now))
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

export function sealEnvelopeAgain({ sealer }: Pick<Parts, "sealer">, requestId: string, envelope: string): Buffer {
  return sealer.seal(context(requestId), envelope);
}

function context(requestId: string): string {
  return `hand_overs.envelope_sealed:${requestId}`;
}
