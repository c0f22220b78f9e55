import { randomBytes } from "node:crypto";
import type { Platform } from "../platform.ts";
import { type DatabaseTransaction, transaction } from "../store/database.ts";
import { type Question, questionColumns } from "./engine.ts";
import { type Request, toRequest } from "./request.ts";
import { RequestError } from "./request-error.ts";

/** How many requests of one service may wait for one person, and how many it may send them within a time (seconds). */
export const addressedLimits = {
  waiting: 3,
  sent: [
    { count: 10, within: 3600 },
    { count: 30, within: 86_400 },
  ],
} as const;

export type AddressedQuestion = Question & {
  accountId: string;
  /** One line for the person; see `RequestMessage`. */
  message: string | null;
  /** Seconds; the platform's usual time unless told. */
  lifetime?: number | undefined;
};

/**
 * Begins a request for a person whom the client knows already: it waits in their app, and no device of anybody else can
 * open it. The person must be linked with the client at this moment (`NOT_LINKED`) and not have refused such requests
 * (`BLOCKED`); more than `addressedLimits` at a time are `TOO_MANY`. The same id again for the same is the same request.
 */
export function addressRequest(platform: Platform, question: AddressedQuestion): Promise<Request> {
  return transaction(platform.database, async (tx) => {
    const { requestId, clientId, accountId, message, lifetime = platform.config.requestLifetime } = question;
    const now = platform.clock();
    await requireWelcome(tx, question);
    const before = await tx.selectFrom("requests").selectAll().where("request_id", "=", requestId).executeTakeFirst();
    if (before) {
      if (before.client_id === clientId && before.account_id === accountId) return toRequest(before, now);
      throw new RequestError("ID_TAKEN");
    }
    await requireFew(tx, question, now);
    const createdAt = new Date(now);
    const expiresAt = new Date(now + lifetime * 1000);
    const row = await tx
      .insertInto("requests")
      .values({
        ...questionColumns(platform, question),
        via: "push",
        account_id: accountId,
        message_sealed: message === null ? null : platform.sealer.seal(messageContext(requestId), message),
        proximity_secret: randomBytes(32),
        created_at: createdAt,
        expires_at: expiresAt,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await tx
      .insertInto("addressed_requests")
      .values({
        account_id: accountId,
        request_id: requestId,
        client_id: clientId,
        created_at: createdAt,
        expires_at: expiresAt,
      })
      .execute();
    return toRequest(row, now);
  });
}

/** Context of the sealed message of one request. */
export function messageContext(requestId: string): string {
  return `requests.message_sealed:${requestId}`;
}

/** Holds the consent's row, so that of several at once each counts those before it. */
async function requireWelcome(tx: DatabaseTransaction, { accountId, clientId }: AddressedQuestion): Promise<void> {
  const consent = await tx
    .selectFrom("consents")
    .select("requests_blocked_at")
    .where("account_id", "=", accountId)
    .where("client_id", "=", clientId)
    .where("revoked_at", "is", null)
    .forUpdate()
    .executeTakeFirst();
  if (!consent) throw new RequestError("NOT_LINKED");
  if (consent.requests_blocked_at) throw new RequestError("BLOCKED");
}

async function requireFew(tx: DatabaseTransaction, question: AddressedQuestion, now: number): Promise<void> {
  const { waiting, sent } = addressedLimits;
  const since = new Date(now - Math.max(...sent.map(({ within }) => within)) * 1000);
  const earlier = await tx
    .selectFrom("addressed_requests")
    .select(["request_id", "created_at", "expires_at"])
    .where("account_id", "=", question.accountId)
    .where("client_id", "=", question.clientId)
    .where("created_at", ">", since)
    .execute();
  const tooMany = sent.some(
    ({ count, within }) =>
      earlier.filter(({ created_at }) => now - created_at.getTime() < within * 1000).length >= count,
  );
  if (tooMany) throw new RequestError("TOO_MANY", "so many requests were sent to this person already");
  const running = earlier.filter(({ expires_at }) => expires_at.getTime() > now).map(({ request_id }) => request_id);
  if (running.length < waiting) return;
  const open = await tx
    .selectFrom("requests")
    .select("request_id")
    .where("request_id", "in", running)
    .where("state", "in", ["created", "opened"])
    .execute();
  if (open.length >= waiting) throw new RequestError("TOO_MANY", "so many requests wait for this person already");
}
