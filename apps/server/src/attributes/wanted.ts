import { canonicalJson, type ItemName } from "@xid/protocol";
import type { Sealer } from "../store/sealer.ts";

/** Which values of an item a relying party wants, as keyed hashes: what it guesses about a person is never written down. */
export type Wanted = readonly string[];

/** A value as `Wanted` has it: equal values of one item have equal hashes, and nobody without the key can try values. */
export function hashWanted(sealer: Pick<Sealer, "lookup">, name: ItemName, value: unknown): string {
  return sealer.lookup(`claims.wanted.${name}`, canonicalJson({ value })).toString("base64url");
}

/** Whether a value is one of those, where there are any; what is not known is none. */
export function isWanted(
  sealer: Pick<Sealer, "lookup">,
  name: ItemName,
  { wanted, value }: { wanted: Wanted | undefined; value: unknown },
): boolean {
  if (!wanted) return true;
  return value !== undefined && wanted.includes(hashWanted(sealer, name, value));
}
