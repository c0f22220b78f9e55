import type { CharacterFlags, ItemClaims, ShownItem } from "@xid/protocol";
import { isWanted } from "../../attributes/wanted.ts";
import type { Platform } from "../../platform.ts";
import type { AskedItem } from "../../store/database.ts";

/** Each item that is asked for with exactly what would leave, or why nothing would. */
export function presentItems(
  { sealer }: Pick<Platform, "sealer">,
  asked: readonly AskedItem[],
  claims: ItemClaims,
): ShownItem[] {
  return asked.map(({ name, required, wanted, purpose }) => {
    const value = claims[name];
    const isOther = !isWanted(sealer, name, { wanted, value });
    const withheld = value === undefined ? "unknown" : isOther ? "other_value_wanted" : null;
    const shown = { name, required, purpose: purpose ?? null, value: withheld ? null : value, withheld };
    return { ...shown, ...charactersOf(name, claims) } as ShownItem;
  });
}

function charactersOf(name: ShownItem["name"], claims: ItemClaims): { characters?: CharacterFlags | undefined } {
  if (name === "name") return { characters: claims.name_characters };
  return name === "address" ? { characters: claims.address_characters } : {};
}
