import type { ItemClaims } from "@xid/protocol";
import type { Platform } from "../platform.ts";
import { openAttributes } from "./attribute-version.ts";
import { deriveItems } from "./derive-items.ts";

export type KnownItems = {
  claims: ItemClaims;
  /** When, and whence, by the clock that attributes go by. */
  verifiedAt: Date;
  source: string;
  now: number;
};

/** Everything that is known of an account now, item by item. Which of it was granted is the caller's to know. */
export async function readItems(
  platform: Pick<Platform, "database" | "sealer" | "jpki">,
  accountId: string,
): Promise<KnownItems> {
  const [row, now] = await Promise.all([
    platform.database
      .selectFrom("attributes")
      .select(["version", "attributes_sealed", "verified_at", "source"])
      .where("account_id", "=", accountId)
      .orderBy("version", "desc")
      .limit(1)
      .executeTakeFirst(),
    platform.jpki.now(),
  ]);
  if (!row) throw new TypeError("an account without attributes");
  const attributes = openAttributes(platform, accountId, row.version, row.attributes_sealed);
  return { claims: deriveItems(attributes, now), verifiedAt: row.verified_at, source: row.source, now };
}
