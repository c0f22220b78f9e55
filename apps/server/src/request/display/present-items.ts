import { type CharacterFlags, contentDigest, type ItemClaims, type ShownItem } from "@xid/protocol";
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
  const digest = contentDigest({ value });
  return wanted && !wanted.some((one) => contentDigest({ value: one }) === digest) ? "other_value_wanted" : null;
}

function charactersOf(name: ShownItem["name"], claims: ItemClaims): { characters?: CharacterFlags | undefined } {
  if (name === "name") return { characters: claims.name_characters };
  return name === "address" ? { characters: claims.address_characters } : {};
}
