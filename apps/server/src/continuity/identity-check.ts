import { type Selectable, sql } from "kysely";
import type { IdentityStatus } from "../identity/identity-status.ts";
import type { Platform } from "../platform.ts";
import { type Tables, transaction } from "../store/database.ts";
import { Lease } from "../store/lease.ts";
import { batchSize } from "./ask-jlis.ts";
import { refreshIdentities } from "./refresh-identities.ts";

/** How long results can be read, in milliseconds. */
const kept = 7 * 86_400_000;

export type IdentityCheck = Selectable<Tables["identity_checks"]>;

/** Whom a check is about: these accounts, or everybody who is linked with the client now. */
export type Checked = { accountIds: readonly string[] } | "all";

/**
 * Begins a check of people who are linked with the client; others are not in it. Nobody is asked about yet. One that has
 * begun under the id is answered as it is.
 */
export async function startIdentityCheck(
  { database, clock }: Pick<Platform, "database" | "clock">,
  { clientId, checkId }: { clientId: string; checkId: string },
  whom: Checked,
): Promise<IdentityCheck> {
  const now = clock();
  return transaction(database, async (tx) => {
    const begun = await tx
      .selectFrom("identity_checks")
      .selectAll()
      .where("client_id", "=", clientId)
      .where("check_id", "=", checkId)
      .executeTakeFirst();
    if (begun) return begun;
    const { numAffectedRows = 0n } = await sql`
      INSERT INTO identity_check_items (client_id, check_id, position, account_id)
      SELECT client_id, ${checkId}::uuid, row_number() OVER (ORDER BY account_id), account_id FROM consents
      WHERE client_id = ${clientId} AND revoked_at IS NULL
        AND ${whom === "all" ? sql`true` : sql`account_id = ANY(${whom.accountIds}::uuid[])`}`.execute(tx);
    const total = Number(numAffectedRows);
    return tx
      .insertInto("identity_checks")
      .values({
        client_id: clientId,
        check_id: checkId,
        state: total === 0 ? "done" : "running",
        total,
        done: 0,
        created_at: new Date(now),
        finished_at: total === 0 ? new Date(now) : null,
        expires_at: new Date(now + kept),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
  });
}

export function readIdentityCheck(
  { database, clock }: Pick<Platform, "database" | "clock">,
  clientId: string,
  checkId: string,
): Promise<IdentityCheck | undefined> {
  return database
    .selectFrom("identity_checks")
    .selectAll()
    .where("client_id", "=", clientId)
    .where("check_id", "=", checkId)
    .where("expires_at", ">", new Date(clock()))
    .executeTakeFirst();
}

/** Of PostgreSQL's integer. */
const largestPosition = 2 ** 31 - 1;

export type CheckedIdentity = IdentityStatus & { accountId: string; position: number };

/**
 * Results in their order, from behind a position, as far as they are there; people who have unlinked the client since are
 * left out. `last` is where to go on, also past those.
 */
export async function readCheckResults(
  { database }: Pick<Platform, "database">,
  { client_id, check_id }: Pick<IdentityCheck, "client_id" | "check_id">,
  { after, limit }: { after: number; limit: number },
): Promise<{ results: CheckedIdentity[]; last: number }> {
  const rows = await database
    .selectFrom("identity_check_items as i")
    .leftJoin("consents as c", (join) =>
      join
        .onRef("c.account_id", "=", "i.account_id")
        .onRef("c.client_id", "=", "i.client_id")
        .on("c.revoked_at", "is", null),
    )
    .select(["i.position", "i.account_id", "i.status", "i.reason", "i.changed_at", "i.checked_at", "i.source"])
    .select("c.client_id as linked")
    .where("i.client_id", "=", client_id)
    .where("i.check_id", "=", check_id)
    .where("i.position", ">", Math.min(after, largestPosition))
    .orderBy("i.position")
    .limit(limit)
    .execute();
  const there = rows.findIndex(({ status }) => status === null);
  const page = there === -1 ? rows : rows.slice(0, there);
  const results = page.flatMap(({ position, account_id: accountId, linked, status, source, ...row }) =>
    linked === null || status === null || source === null || row.checked_at === null
      ? []
      : [
          {
            accountId,
            position,
            status,
            reason: row.reason,
            changedAt: row.changed_at,
            checkedAt: row.checked_at,
            source,
          },
        ],
  );
  return { results, last: page.at(-1)?.position ?? after };
}

/**
 * Works on the checks that are running, the oldest first, each by one process at a time, batch by batch. A check whose
 * process died goes on with the first batch that was not written. Answers how many were finished. Throws `JpkiError`: the
 * check stays and is gone on with later.
 */
export async function workOnIdentityChecks(platform: Platform): Promise<number> {
  const running = await platform.database
    .selectFrom("identity_checks")
    .select(["client_id", "check_id"])
    .where("state", "=", "running")
    .orderBy("created_at")
    .limit(100)
    .execute();
  let finished = 0;
  for (const check of running) {
    const lease = await Lease.take(platform, `identity-check ${check.check_id}`);
    if (!lease) continue;
    try {
      while (!(await workOnBatch(platform, lease, check)));
      finished++;
    } finally {
      await lease.release();
    }
  }
  return finished;
}

/** Answers whether the check is done. */
async function workOnBatch(
  platform: Platform,
  lease: Lease,
  { client_id, check_id }: Pick<IdentityCheck, "client_id" | "check_id">,
): Promise<boolean> {
  const items = await platform.database
    .selectFrom("identity_check_items")
    .select(["position", "account_id"])
    .where("client_id", "=", client_id)
    .where("check_id", "=", check_id)
    // Batches are done in order, so that this is where it goes on.
    .where("position", ">", (one) =>
      one
        .selectFrom("identity_checks")
        .select("done")
        .where("client_id", "=", client_id)
        .where("check_id", "=", check_id),
    )
    .orderBy("position")
    .limit(batchSize)
    .execute();
  const statuses = await refreshIdentities(
    platform,
    items.map(({ account_id }) => account_id),
  );
  const found = items.flatMap(({ position, account_id }) => {
    const status = statuses.get(account_id);
    return status ? [{ position, ...status }] : [];
  });
  return transaction(platform.database, async (tx) => {
    await lease.confirm(tx);
    await sql`
      UPDATE identity_check_items i
      SET status = f.status, reason = f.reason, changed_at = f.changed_at, checked_at = f.checked_at, source = f.source
      FROM unnest(
        ${found.map(({ position }) => position)}::integer[], ${found.map(({ status }) => status)}::text[],
        ${found.map(({ reason }) => reason)}::text[], ${found.map(({ changedAt }) => changedAt)}::timestamptz[],
        ${found.map(({ checkedAt }) => checkedAt)}::timestamptz[], ${found.map(({ source }) => source)}::text[]
      ) AS f (position, status, reason, changed_at, checked_at, source)
      WHERE i.client_id = ${client_id} AND i.check_id = ${check_id}::uuid AND i.position = f.position`.execute(tx);
    const { rows } = await sql<{ state: string }>`
      UPDATE identity_checks SET done = done + ${items.length},
        state = CASE WHEN done + ${items.length} >= total THEN 'done' ELSE state END,
        finished_at = CASE WHEN done + ${items.length} >= total THEN ${new Date(platform.clock())}::timestamptz END
      WHERE client_id = ${client_id} AND check_id = ${check_id}::uuid RETURNING state`.execute(tx);
    return rows[0]?.state !== "running";
  });
}

/** Results first, so that none is left without its check. Processes may do so side by side. */
export async function deleteExpiredChecks({ database, clock }: Pick<Platform, "database" | "clock">): Promise<void> {
  const expired = await database
    .selectFrom("identity_checks")
    .select(["client_id", "check_id"])
    .where("expires_at", "<=", new Date(clock()))
    .limit(10)
    .execute();
  for (const { client_id, check_id } of expired) {
    for (const table of ["identity_check_items", "identity_checks"] as const) {
      await database.deleteFrom(table).where("client_id", "=", client_id).where("check_id", "=", check_id).execute();
    }
  }
}
