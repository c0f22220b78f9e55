import type { ItemClaims } from "@xid/protocol";
import type { Platform } from "../platform.ts";
import { openAttributes } from "./attribute-version.ts";
import { deriveItems } from "./derive-items.ts";

/** Everything that is known of an account now, item by item. Which of it was granted is the caller's to know. */
export async function readItems(
  platform: Pick<Platform, "database" | "sealer" | "jpki">,
  accountId: string,
): Promise<ItemClaims> {
  const row = await platform.database
    .selectFrom("attributes")
    .select(["version", "attributes_sealed"])
    .where("account_id", "=", accountId)
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
  if (!row) return {};
  const attributes = openAttributes(platform, accountId, row.version, row.attributes_sealed);
  return deriveItems(attributes, await platform.jpki.now());
}
