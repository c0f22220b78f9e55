import { createHash, randomUUID } from "node:crypto";
import { sql } from "kysely";
import { ApiProblem } from "../http/problem.ts";
import type { Platform } from "../platform.ts";

/** How long an answer is kept, and how long nobody else tries what somebody is at, in milliseconds. */
export const answerKeptFor = 86_400_000;
export const claimedFor = 30_000;

export type IdempotentCall = {
  clientId: string;
  /** Of the header `Idempotency-Key`; see `parseIdempotencyKey`. */
  key: string;
  /** SHA-256 of everything that is sent. */
  digest: Buffer;
};

/**
 * The key as the client chose it (draft-ietf-httpapi-idempotency-key-header, section 2.1: a string of RFC 9651; without its
 * quotation marks it is taken too). Throws `REQUEST_INVALID`.
 */
export function parseIdempotencyKey(header: string): string {
  const [, key] =
    /^"([\x20\x21\x23-\x5b\x5d-\x7e]{1,255})"$/.exec(header) ?? /^([\x21\x23-\x7e]{1,255})$/.exec(header) ?? [];
  if (key === undefined) {
    throw new ApiProblem("REQUEST_INVALID", { detail: "Idempotency-Key: 1 to 255 visible ASCII characters" });
  }
  return key;
}

/**
 * Does `work` once for a client and key: the same call again gets the same answer for a day (`replayed`), another call under
 * the same key is `IDEMPOTENCY_KEY_REUSED`, and one that comes while the first is under way `IDEMPOTENCY_KEY_IN_USE`.
 *
 * `work` gives what it creates the id that it is told. When nobody heard how it ended (the process was killed) the same call
 * does it again with the same id: `work` must then find what it had created and answer the same. After a refusal the key is
 * free again.
 */
export async function answerOnce(
  platform: Platform,
  call: IdempotentCall,
  work: (id: string) => Promise<object | undefined>,
): Promise<{ answer: object | undefined; replayed: boolean }> {
  const keyDigest = createHash("sha256").update(call.key).digest();
  const row = { client_id: call.clientId, key_digest: keyDigest };
  const context = `idempotent_calls.answer_sealed:${call.clientId}.${keyDigest.toString("hex")}`;
  const id = await claim(platform, row, call.digest);
  if (id === undefined) return { answer: await earlierAnswer(platform, row, call.digest, context), replayed: true };
  try {
    const answer = await work(id);
    const sealed = platform.sealer.seal(context, JSON.stringify(answer ?? null));
    await platform.unsynced
      .updateTable("idempotent_calls")
      .set({ answer_sealed: sealed })
      .where("client_id", "=", row.client_id)
      .where("key_digest", "=", keyDigest)
      .where("creates_id", "=", id)
      .execute();
    return { answer, replayed: false };
  } catch (error) {
    await release(platform, row, id, error);
    throw error;
  }
}

type Row = { client_id: string; key_digest: Buffer };

/** The id for what will be created if the call is to be done, now, by this caller. */
async function claim({ unsynced, clock }: Platform, { client_id, key_digest }: Row, digest: Buffer) {
  const now = new Date(clock());
  const claimedUntil = new Date(now.getTime() + claimedFor);
  const expiresAt = new Date(now.getTime() + answerKeptFor);
  const { rows } = await sql<{ creates_id: string }>`
    INSERT INTO idempotent_calls AS c (client_id, key_digest, call_digest, creates_id, claimed_until, expires_at)
    VALUES (${client_id}, ${key_digest}, ${digest}, ${randomUUID()}::uuid, ${claimedUntil}, ${expiresAt})
    ON CONFLICT (client_id, key_digest) DO UPDATE SET
      call_digest = excluded.call_digest,
      creates_id = CASE WHEN c.expires_at <= ${now} THEN excluded.creates_id ELSE c.creates_id END,
      claimed_until = excluded.claimed_until,
      answer_sealed = NULL,
      expires_at = excluded.expires_at
    WHERE c.expires_at <= ${now}
      OR (c.answer_sealed IS NULL AND c.claimed_until <= ${now} AND c.call_digest = excluded.call_digest)
    RETURNING creates_id`.execute(unsynced);
  return rows[0]?.creates_id;
}

async function earlierAnswer({ database, sealer }: Platform, row: Row, digest: Buffer, context: string) {
  const earlier = await database
    .selectFrom("idempotent_calls")
    .select(["call_digest", "answer_sealed"])
    .where("client_id", "=", row.client_id)
    .where("key_digest", "=", row.key_digest)
    .executeTakeFirst();
  if (earlier && !earlier.call_digest.equals(digest)) throw new ApiProblem("IDEMPOTENCY_KEY_REUSED");
  if (!earlier?.answer_sealed) throw new ApiProblem("IDEMPOTENCY_KEY_IN_USE", { retryAfter: 1 });
  return (JSON.parse(sealer.open(context, earlier.answer_sealed).toString("utf8")) as object | null) ?? undefined;
}

/** A refusal leaves nothing behind; of what failed otherwise nobody knows how far it came, so it keeps its id. */
async function release({ unsynced, clock }: Platform, row: Row, id: string, error: unknown): Promise<void> {
  if (error instanceof ApiProblem && error.status < 500) {
    await unsynced
      .deleteFrom("idempotent_calls")
      .where("client_id", "=", row.client_id)
      .where("key_digest", "=", row.key_digest)
      .where("creates_id", "=", id)
      .where("answer_sealed", "is", null)
      .execute();
    return;
  }
  await unsynced
    .updateTable("idempotent_calls")
    .set({ claimed_until: new Date(clock()) })
    .where("client_id", "=", row.client_id)
    .where("key_digest", "=", row.key_digest)
    .where("creates_id", "=", id)
    .execute();
}
