import type { AttributeDifference, ItemName } from "@xid/protocol";
import { sql } from "kysely";
import type { Platform } from "../platform.ts";
import { type AttributeVersion, openAttributes } from "./attribute-version.ts";
import { describeDifferences } from "./difference.ts";

export type ListedChange = {
  number: string;
  accountId: string;
  changes: AttributeDifference[];
  attributes: AttributeVersion;
  /** All that the relying party may have. */
  items: ItemName[];
  version: number;
  source: "card" | "jlis";
  verifiedAt: Date;
};

type Row = {
  number: string;
  account_id: string;
  version: number;
  version_before: number;
  /** What the person lets the relying party have now; null where nothing any more. */
  items: ItemName[] | null;
  attributes_sealed: Buffer;
  before_sealed: Buffer;
  source: string;
  verified_at: Date;
};

/**
 * A page of a relying party's list of changes, from behind a number. Nothing that belongs before the last number comes
 * later. What a person has withdrawn since is left out, and its numbers are passed over.
 */
export async function readAttributeChanges(
  { database, sealer, jpki }: Pick<Platform, "database" | "sealer" | "jpki">,
  clientId: string,
  { after, limit }: { after: string; limit: number },
): Promise<{ changes: ListedChange[]; next: string; more: boolean }> {
  const { rows } = await sql<Row>`
    SELECT n.number, n.account_id, n.version, n.version_before, c.items, a.attributes_sealed, a.source, a.verified_at,
      b.attributes_sealed AS before_sealed
    FROM attribute_changes n
    JOIN attributes a ON a.account_id = n.account_id AND a.version = n.version
    JOIN attributes b ON b.account_id = n.account_id AND b.version = n.version_before
    LEFT JOIN continuous_consents c ON c.account_id = n.account_id AND c.client_id = n.client_id
      AND c.ended_at IS NULL AND c.expires_at > ${new Date(await jpki.now())} AND c.number_before < n.number
    WHERE n.client_id = ${clientId} AND n.number > ${after}::bigint
    ORDER BY n.number LIMIT ${limit + 1}`.execute(database);
  const page = rows.slice(0, limit);
  const changes = page.flatMap((row) => {
    const { number, account_id: accountId, version, version_before, items } = row;
    if (!items) return [];
    const attributes = openAttributes({ sealer }, accountId, version, row.attributes_sealed);
    const before = openAttributes({ sealer }, accountId, version_before, row.before_sealed);
    const differences = describeDifferences(before, attributes, items);
    if (differences.length === 0) return [];
    const source = row.source === "jlis" ? ("jlis" as const) : ("card" as const);
    const { verified_at: verifiedAt } = row;
    return [{ number, accountId, changes: differences, attributes, items, version, source, verifiedAt }];
  });
  return { changes, next: page.at(-1)?.number ?? after, more: rows.length > limit };
}
