import type { AttributeName } from "@xid/protocol";
import type { Platform } from "../platform.ts";
import { openAttributes } from "./attribute-version.ts";

/** Claims as OpenID Connect Core 5.1 spells them. */
export type GrantedClaims = {
  name?: string;
  /** `YYYY-MM-DD`; `00` for a part that the register does not know. */
  birthdate?: string;
  gender?: "male" | "female" | "unknown";
  address?: { formatted: string; country: "JP" };
};

/** The newest attributes of an account, only the given items. Whether they were granted is the caller's to know. */
export async function grantedClaims(
  platform: Pick<Platform, "database" | "sealer">,
  accountId: string,
  items: readonly AttributeName[],
): Promise<GrantedClaims> {
  if (items.length === 0) return {};
  const row = await platform.database
    .selectFrom("attributes")
    .select(["version", "attributes_sealed"])
    .where("account_id", "=", accountId)
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
  if (!row) return {};
  const { name, birthdate, gender, address } = openAttributes(platform, accountId, row.version, row.attributes_sealed);
  const claims: Required<GrantedClaims> = { name, birthdate, gender, address: { formatted: address, country: "JP" } };
  return Object.fromEntries(items.map((item) => [item, claims[item]]));
}
