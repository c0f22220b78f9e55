import type { ItemName } from "@xid/protocol";
import { sql } from "kysely";
import { recordEvents } from "../events/record-events.ts";
import type { DatabaseTransaction } from "../store/database.ts";

/** A new version of somebody's attributes, and the items in which it differs from the one before. */
export type AttributeChange = {
  accountId: string;
  version: number;
  versionBefore: number;
  items: ItemName[];
  at: Date;
};

/**
 * Puts changes into the lists of the relying parties that a person has allowed to be told of them, each with the items that
 * it may have. A list's row in `change_lists` is held until the transaction ends, so that whoever reads a list up to some
 * number has missed nothing before it. They are told that there is something to read, never the values.
 *
 * @param now by our own clock
 */
export async function announceAttributes(
  tx: DatabaseTransaction,
  changes: readonly AttributeChange[],
  now: Date,
): Promise<void> {
  if (changes.length === 0) return;
  const { rows } = await sql<{ client_id: string; account_id: string; items: ItemName[] }>`
    SELECT c.client_id, c.account_id, ARRAY(SELECT unnest(c.items) INTERSECT SELECT unnest(f.items)) AS items
    FROM (
      SELECT account_id, string_to_array(items, ' ') AS items, at FROM unnest(
        ${changes.map(({ accountId }) => accountId)}::uuid[], ${changes.map(({ items }) => items.join(" "))}::text[],
        ${changes.map(({ at }) => at)}::timestamptz[]
      ) AS n (account_id, items, at)
    ) f
    JOIN continuous_consents c ON c.account_id = f.account_id AND c.ended_at IS NULL AND c.expires_at > f.at
      AND c.items && f.items
    ORDER BY c.client_id, c.account_id`.execute(tx);
  if (rows.length === 0) return;
  const lastNumbers = await reserveNumbers(tx, rows);
  const byAccount = new Map(changes.map((change) => [change.accountId, change]));
  const entries = rows.map(({ client_id, account_id, items }) => {
    const { last, count } = lastNumbers.get(client_id)!;
    const number = last - BigInt(count) + 1n;
    lastNumbers.set(client_id, { last, count: count - 1 });
    return { ...byAccount.get(account_id)!, client_id, number: String(number), items: items.join(" ") };
  });
  await sql`
    INSERT INTO attribute_changes (client_id, number, account_id, version, version_before, items, created_at)
    SELECT client_id, number, account_id, version, version_before, string_to_array(items, ' '), created_at FROM unnest(
      ${entries.map(({ client_id }) => client_id)}::text[], ${entries.map(({ number }) => number)}::bigint[],
      ${entries.map(({ accountId }) => accountId)}::uuid[], ${entries.map(({ version }) => version)}::integer[],
      ${entries.map(({ versionBefore }) => versionBefore)}::integer[], ${entries.map(({ items }) => items)}::text[],
      ${entries.map(({ at }) => at)}::timestamptz[]
    ) AS n (client_id, number, account_id, version, version_before, items, created_at)`.execute(tx);
  await recordEvents(
    tx,
    "attributes.changed",
    rows.map(({ client_id, account_id, items }) => ({ clientId: client_id, accountId: account_id, data: { items } })),
    now,
  );
}

/** Takes the next numbers of each list, the lists in one order everywhere. */
async function reserveNumbers(
  tx: DatabaseTransaction,
  rows: readonly { client_id: string }[],
): Promise<Map<string, { last: bigint; count: number }>> {
  const counts = new Map<string, number>();
  for (const { client_id } of rows) counts.set(client_id, (counts.get(client_id) ?? 0) + 1);
  const reserved = await sql<{ client_id: string; last_number: string }>`
    INSERT INTO change_lists AS l (client_id, last_number)
    SELECT client_id, count FROM unnest(${[...counts.keys()]}::text[], ${[...counts.values()]}::bigint[])
      AS n (client_id, count) ORDER BY client_id
    ON CONFLICT (client_id) DO UPDATE SET last_number = l.last_number + excluded.last_number
    RETURNING client_id, last_number`.execute(tx);
  return new Map(
    reserved.rows.map(({ client_id, last_number }) => [
      client_id,
      { last: BigInt(last_number), count: counts.get(client_id)! },
    ]),
  );
}
