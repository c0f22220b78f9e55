import { companionsOf, type ItemClaims, type ItemName } from "@xid/protocol";
import type { AttributeVersion } from "../../attributes/attribute-version.ts";
import { deriveItems } from "../../attributes/derive-items.ts";

/** The items that a relying party may have, with the flags of their characters. @param now milliseconds since 1970, for ages */
export function presentItems(attributes: AttributeVersion, items: readonly ItemName[], now: number): ItemClaims {
  const claims = deriveItems(attributes, now);
  const names = [...items, ...companionsOf(items)];
  return Object.fromEntries(names.flatMap((name) => (claims[name] === undefined ? [] : [[name, claims[name]]])));
}
