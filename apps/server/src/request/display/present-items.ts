import type { CharacterFlags, ItemClaims, ShownItem } from "@xid/protocol";
import { isWanted } from "../../attributes/wanted.ts";
import type { AskedItem } from "../../store/database.ts";

/** Each item that is asked for with exactly what would leave, or why nothing would. */
export function presentItems(asked: readonly AskedItem[], claims: ItemClaims): ShownItem[] {
  return asked.map(({ name, required, wanted, purpose }) => {
    const value = claims[name];
    const withheld = whyWithheld(value, wanted);
    const shown = { name, required, purpose: purpose ?? null, value: withheld ? null : value, withheld };
    return { ...shown, ...charactersOf(name, claims) } as ShownItem;
  });
}

function whyWithheld(value: unknown, wanted: readonly unknown[] | undefined): ShownItem["withheld"] {
  if (value === undefined) return "unknown";
  return isWanted({ values: wanted }, value) ? null : "other_value_wanted";
}

function charactersOf(name: ShownItem["name"], claims: ItemClaims): { characters?: CharacterFlags | undefined } {
  if (name === "name") return { characters: claims.name_characters };
  return name === "address" ? { characters: claims.address_characters } : {};
}
