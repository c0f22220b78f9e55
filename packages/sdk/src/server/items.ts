import {
  attributeNames,
  companionClaims,
  companionNames,
  companionsOf,
  type ItemClaims,
  type ItemName,
  type ItemValues,
  itemNames,
  itemValues,
} from "@xid/protocol";
import { XidError } from "./xid-error.ts";

export type { ItemName };

/** One item that is asked for: its name; or with what it is for, and which of its values are wanted at all. */
export type ItemRequest =
  | ItemName
  | {
      [Name in ItemName]: {
        name: Name;
        /** Shown beside the item. */
        purpose?: { ja: string; en: string };
        /** No other value will come; that it is another one is told by its absence. */
        values?: readonly ItemValues[Name][];
      };
    }[ItemName];

/** Verified items of a person, as the provider signed them; absent when not asked, not given, or not known for certain. */
export type Claims = ItemClaims;

/** Longest text that any item can be. */
const maxLength = 1000;

/** Scopes that the provider has for items; others are asked for by the claims parameter alone. */
export const itemScopes: readonly ItemName[] = attributeNames;

/** Scope and claims parameter (OpenID Connect Core 5.5) for the items: required ones are `essential`. */
export function requestItems(
  required: readonly ItemRequest[],
  optional: readonly ItemRequest[],
  verifiedClaims?: object,
): { scope: string; claims?: string } {
  const asked = new Map<ItemName, object | null>();
  for (const request of optional) asked.set(nameOf(request), memberFor(request, {}));
  for (const request of required) asked.set(nameOf(request), memberFor(request, { essential: true }));
  const items = itemNames.filter((name) => asked.has(name));
  const userinfo = Object.fromEntries([
    ...items.map((name) => [name, asked.get(name)] as const),
    ...companionsOf(items).map((name) => [name, null] as const),
    ...(verifiedClaims ? [["verified_claims", verifiedClaims] as const] : []),
  ]);
  // A scope asks for any value.
  const scopes = itemScopes.filter((name) => asked.has(name) && !Object.hasOwn(asked.get(name) ?? {}, "values"));
  return {
    scope: ["openid", ...scopes].join(" "),
    ...(Object.keys(userinfo).length > 0 && { claims: JSON.stringify({ userinfo }) }),
  };
}

export function nameOf(request: ItemRequest): ItemName {
  return typeof request === "string" ? request : request.name;
}

function memberFor(request: ItemRequest, start: { essential?: true }): object | null {
  const { purpose, values } = typeof request === "string" ? {} : request;
  const member = {
    ...start,
    ...(values && { values }),
    ...(purpose && { "purpose#ja": purpose.ja, "purpose#en": purpose.en }),
  };
  return Object.keys(member).length > 0 ? member : null;
}

/**
 * The items from a UserInfo response whose signature and subject were verified before. Throws RESPONSE_INVALID
 * when an item has another form than it should; what nobody can ask for is dropped.
 */
export function parseClaims(userInfo: Record<string, unknown>): Claims {
  const shapes = { ...itemValues, ...companionShapes };
  const claims = Object.entries(shapes).flatMap(([name, shape]) => {
    const value = userInfo[name];
    if (value === undefined) return [];
    const parsed = shape.safeParse(value);
    if (!parsed.success || !hasPlausibleTexts(name, parsed.data)) throw malformed(name);
    return [[name, parsed.data]];
  });
  return Object.fromEntries(claims);
}

const companionShapes = Object.fromEntries(companionNames.map((name) => [name, companionClaims[name].value]));

function hasPlausibleTexts(name: string, value: unknown): boolean {
  if (name === "birthdate") return /^\d{4}-\d{2}-\d{2}$/.test(value as string);
  // What is left of an address after its municipality may be nothing.
  const texts = typeof value === "object" && value !== null ? Object.entries(value) : [["", value]];
  return texts.every(
    ([part, text]) =>
      typeof text !== "string" || (text.length <= maxLength && (text !== "" || part === "street_address")),
  );
}

function malformed(item: string): XidError {
  return new XidError("RESPONSE_INVALID", `the provider gave ${item} in an unknown form`);
}
