import { randomUUID } from "node:crypto";
import type { ItemName } from "@xid/protocol";
import { readContinuousConsent } from "../consent/continuous-consent.ts";
import { refreshIdentities } from "../continuity/refresh-identities.ts";
import type { Platform } from "../platform.ts";
import { type AttributeVersion, openAttributes } from "./attribute-version.ts";

export type LatestAttributes = {
  attributes: AttributeVersion;
  /** Which of them the relying party may have. */
  items: ItemName[];
  version: number;
  source: "card" | "jlis";
  verifiedAt: Date;
  checkedAt: Date;
  consentUntil: Date;
};

/**
 * The newest attributes of a person for a relying party, J-LIS asked before when what is known is old; undefined without a
 * consent in force. That they were read, by whom and why, is written down for the person before anything is given out.
 * Throws `JpkiError`.
 */
export async function readLatestAttributes(
  platform: Platform,
  { accountId, clientId, purpose }: { accountId: string; clientId: string; purpose: string },
): Promise<LatestAttributes | undefined> {
  if (!(await readContinuousConsent(platform, accountId, clientId))) return undefined;
  const { checkedAt } = (await refreshIdentities(platform, [accountId])).get(accountId)!;
  const row = await platform.database
    .selectFrom("attributes")
    .selectAll()
    .where("account_id", "=", accountId)
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirstOrThrow();
  // It may have been withdrawn while J-LIS was asked.
  const consent = await readContinuousConsent(platform, accountId, clientId);
  if (!consent) return undefined;
  await recordRead(platform, { accountId, clientId, purpose, items: consent.items });
  return {
    attributes: openAttributes(platform, accountId, row.version, row.attributes_sealed),
    items: consent.items,
    version: row.version,
    source: row.source === "jlis" ? "jlis" : "card",
    verifiedAt: row.verified_at,
    checkedAt,
    consentUntil: consent.expiresAt,
  };
}

type Read = { accountId: string; clientId: string; items: ItemName[]; purpose: string };

async function recordRead({ database, sealer, jpki }: Platform, read: Read): Promise<void> {
  const readId = randomUUID();
  await database
    .insertInto("attribute_reads")
    .values({
      account_id: read.accountId,
      read_id: readId,
      client_id: read.clientId,
      items: read.items,
      purpose_sealed: sealer.seal(purposeContext(read.accountId, readId), read.purpose),
      read_at: new Date(await jpki.now()),
    })
    .execute();
}

/** How many of the newest readings are shown of each service. */
const maxShown = 20;

/** Who read this person's attributes last, and why; newest first, by service. */
export async function listAttributeReads(
  { database, sealer }: Pick<Platform, "database" | "sealer">,
  accountId: string,
): Promise<Map<string, { purpose: string; items: ItemName[]; at: Date }[]>> {
  const rows = await database
    .selectFrom("attribute_reads")
    .selectAll()
    .where("account_id", "=", accountId)
    .orderBy("read_at", "desc")
    .limit(500)
    .execute();
  const reads = new Map<string, { purpose: string; items: ItemName[]; at: Date }[]>();
  for (const { read_id, client_id, items, purpose_sealed, read_at } of rows) {
    const purpose = sealer.open(purposeContext(accountId, read_id), purpose_sealed).toString("utf8");
    const known = reads.get(client_id) ?? [];
    if (known.length < maxShown) reads.set(client_id, [...known, { purpose, items, at: read_at }]);
  }
  return reads;
}

function purposeContext(accountId: string, readId: string): string {
  return `attribute_reads.purpose_sealed:${accountId}.${readId}`;
}
