import { sql } from "kysely";
import type { Platform } from "../platform.ts";
import type { ContinuityTables } from "../store/continuity-tables.ts";
import type { IdentityStatus } from "./identity-status.ts";

type Row = ContinuityTables["identity_states"] & { not_after: Date; withdrawn: boolean; swept: Date | null };

/**
 * What is known of these people, by account. Whoever was not named by a sweep that came later had not changed by then;
 * certificates expire without anybody's saying so.
 */
export async function readIdentityStatuses(
  { database, jpki }: Pick<Platform, "database" | "jpki">,
  accountIds: readonly string[],
): Promise<Map<string, IdentityStatus>> {
  const { rows } = await sql<Row>`
    SELECT s.*, c.not_after, coalesce(j.state = 'withdrawn', false) AS withdrawn,
      (SELECT max(asked_at) FROM sweeps WHERE state = 'done') AS swept
    FROM identity_states s
    JOIN certificates c ON c.account_id = s.account_id AND c.serial_lookup = s.serial_lookup
    LEFT JOIN jlis_consents j ON j.account_id = s.account_id
    WHERE s.account_id = ANY(${accountIds}::uuid[])`.execute(database);
  const now = new Date(await jpki.now());
  return new Map(rows.map((row) => [row.account_id, statusOf(row, now)]));
}

function statusOf(row: Row, now: Date): IdentityStatus {
  const { status, reason, changed_at: changedAt, checked_at, source, not_after, withdrawn, swept } = row;
  if (withdrawn) return { status: "unknown", reason: null, changedAt: null, checkedAt: checked_at, source };
  const bySweep = swept !== null && swept > checked_at;
  const known = { checkedAt: bySweep ? swept : checked_at, source: bySweep ? ("jlis_changes" as const) : source };
  if (status === "unchanged" && now > not_after) {
    return { status: "changed", reason: "expired", changedAt: not_after, ...known };
  }
  return { status, reason, changedAt, ...known };
}
