import type { BilingualText, ItemName } from "@xid/protocol";
import { type RawBuilder, sql } from "kysely";
import { recordEvents } from "../events/record-events.ts";
import type { Platform } from "../platform.ts";
import { type DatabaseTransaction, transaction } from "../store/database.ts";

/** How long a person's consent to be told of later changes lasts: as long as the one that J-LIS holds. */
const years = 10;

export function endOfContinuousConsent(from: Date): Date {
  const end = new Date(from);
  end.setUTCFullYear(end.getUTCFullYear() + years);
  return end;
}

/**
 * The consent to be told of later changes that a decision leaves, as a part of the statement that writes the decision:
 * `decided` must be a relation of that statement with `account_id` and `client_id` of at most one row. Given again it lasts
 * anew, for the items of this time.
 */
export function grantContinuousConsent(
  decided: RawBuilder<unknown>,
  { items, purpose, at }: { items: readonly ItemName[]; purpose: BilingualText; at: Date },
): RawBuilder<unknown> {
  return sql`
    INSERT INTO continuous_consents AS c
      (account_id, client_id, items, purpose, granted_at, expires_at, number_before)
    SELECT account_id, client_id, ${items}::text[], ${JSON.stringify(purpose)}::jsonb, ${at}::timestamptz,
      ${endOfContinuousConsent(at)}::timestamptz,
      coalesce((SELECT last_number FROM change_lists l WHERE l.client_id = decided.client_id), 0)
    FROM ${decided} AS decided
    ON CONFLICT (account_id, client_id) DO UPDATE SET
      items = excluded.items, purpose = excluded.purpose, granted_at = excluded.granted_at,
      expires_at = excluded.expires_at, ended_at = NULL,
      number_before = CASE WHEN c.ended_at IS NULL THEN c.number_before ELSE excluded.number_before END`;
}

/**
 * Ends at once what relying parties may learn of later changes: of one relying party, or of all where none is named. Answers
 * which consents that ended.
 */
export async function endContinuousConsents(
  tx: DatabaseTransaction,
  { accountIds, clientId, at }: { accountIds: readonly string[]; clientId?: string; at: Date },
): Promise<{ clientId: string; accountId: string }[]> {
  if (accountIds.length === 0) return [];
  const { rows } = await sql<{ account_id: string; client_id: string }>`
    UPDATE continuous_consents SET ended_at = ${at}
    WHERE account_id = ANY(${accountIds}::uuid[]) AND ended_at IS NULL
      AND (${clientId ?? null}::text IS NULL OR client_id = ${clientId ?? null})
    RETURNING account_id, client_id`.execute(tx);
  return rows.map(({ account_id, client_id }) => ({ accountId: account_id, clientId: client_id }));
}

/** The same, and tells those relying parties. @param now by our own clock */
export async function withdrawContinuousConsents(
  tx: DatabaseTransaction,
  whose: { accountIds: readonly string[]; clientId?: string; at: Date },
  now: Date,
): Promise<number> {
  const ended = await endContinuousConsents(tx, whose);
  const data = { consent: "latest_attributes" } as const;
  await recordEvents(
    tx,
    "consent.withdrawn",
    ended.map((one) => ({ ...one, data })),
    now,
  );
  return ended.length;
}

/** 同意の撤回 towards one relying party, with effect from now on. Answers whether there was a consent to end. */
export async function withdrawContinuousConsent(
  { database, jpki, clock }: Pick<Platform, "database" | "jpki" | "clock">,
  accountId: string,
  clientId: string,
): Promise<"withdrawn" | "none"> {
  const at = new Date(await jpki.now());
  const whose = { accountIds: [accountId], clientId, at };
  const ended = await transaction(database, (tx) => withdrawContinuousConsents(tx, whose, new Date(clock())));
  return ended > 0 ? "withdrawn" : "none";
}

export type ContinuousConsent = { items: ItemName[]; purpose: BilingualText; expiresAt: Date };

/** The consent of a person towards a relying party that is in force now. */
export async function readContinuousConsent(
  parts: Pick<Platform, "database" | "jpki">,
  accountId: string,
  clientId: string,
): Promise<ContinuousConsent | undefined> {
  return (await listContinuousConsents(parts, accountId, clientId)).get(clientId);
}

/** All of a person's that are in force now, or the one towards one relying party, by client. */
export async function listContinuousConsents(
  { database, jpki }: Pick<Platform, "database" | "jpki">,
  accountId: string,
  clientId?: string,
): Promise<Map<string, ContinuousConsent>> {
  let consents = database
    .selectFrom("continuous_consents")
    .select(["client_id", "items", "purpose", "expires_at"])
    .where("account_id", "=", accountId)
    .where("ended_at", "is", null)
    .where("expires_at", ">", new Date(await jpki.now()));
  if (clientId !== undefined) consents = consents.where("client_id", "=", clientId);
  const rows = await consents.execute();
  return new Map(
    rows.map(({ client_id, items, purpose, expires_at }) => [client_id, { items, purpose, expiresAt: expires_at }]),
  );
}
