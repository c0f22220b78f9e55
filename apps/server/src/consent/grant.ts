import type { ItemName } from "@xid/protocol";
import { type RawBuilder, sql } from "kysely";
import type { Asked } from "../store/database.ts";

/**
 * The consent that a decision leaves, as a part of the statement that writes the decision: `decided` must be a relation
 * of that statement with `account_id` and `client_id` of at most one row. Of the items asked for this time the newest
 * choice counts, the others stay as they were; after an unlink everything begins anew.
 */
export function grantConsent(
  decided: RawBuilder<unknown>,
  { asked, approved, at }: { asked: Asked; approved: ItemName[]; at: Date },
): RawBuilder<unknown> {
  const askedItems = asked.items.map(({ name }) => name);
  return sql`
    INSERT INTO consents AS c (account_id, client_id, client_name, domain, items, granted_at, last_used_at)
    SELECT account_id, client_id, ${JSON.stringify(asked.clientName)}::jsonb, ${asked.domain}, ${approved}::text[],
      ${at}::timestamptz, ${at}::timestamptz
    FROM ${decided}
    ON CONFLICT (account_id, client_id) DO UPDATE SET
      client_name = excluded.client_name,
      domain = excluded.domain,
      items = CASE WHEN c.revoked_at IS NOT NULL THEN excluded.items ELSE ARRAY(
        (SELECT unnest(c.items) EXCEPT SELECT unnest(${askedItems}::text[])) UNION SELECT unnest(excluded.items)) END,
      granted_at = CASE WHEN c.revoked_at IS NOT NULL THEN excluded.granted_at ELSE c.granted_at END,
      last_used_at = excluded.last_used_at,
      requests_blocked_at = CASE WHEN c.revoked_at IS NOT NULL THEN NULL ELSE c.requests_blocked_at END,
      revoked_at = NULL`;
}
