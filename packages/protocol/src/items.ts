import { z } from "zod";

/** Positions of characters, counted from 0 in Unicode code points as the certificate has them. */
const positions = z.array(z.int().min(0).max(1000));

/** What is to be known of a text's characters before it is compared, printed or stored elsewhere. */
export const CharacterFlags = z.object({
  /** The certificate marks these as stand-ins (代替文字) for characters that it cannot hold; what they were is not known. */
  substitutes: positions,
  /** In a private use area: whoever has not the same font sees something else or nothing. */
  privateUse: positions,
  /** Followed by a variation selector, which chooses among shapes of one character. */
  variationSequences: positions,
});
export type CharacterFlags = z.infer<typeof CharacterFlags>;

/**
 * An address as in OpenID Connect Core 5.1.1. `formatted` is as on the certificate, character by character; the other parts
 * are slices of it and are there only together, where the municipality is known.
 */
export const Address = z.object({
  formatted: z.string(),
  country: z.literal("JP"),
  /** 都道府県 */
  region: z.string().optional(),
  /** 市区町村, with the ward of a designated city and the 郡 of a town where the certificate writes it. */
  locality: z.string().optional(),
  /** The rest. */
  street_address: z.string().optional(),
  /** 全国地方公共団体コード without its check digit: five digits. */
  municipality_code: z
    .string()
    .regex(/^\d{5}$/)
    .optional(),
});
export type Address = z.infer<typeof Address>;

/** Where somebody lives, without the street. */
export const Municipality = z.object({
  region: z.string(),
  locality: z.string(),
  municipality_code: z.string().regex(/^\d{5}$/),
});
export type Municipality = z.infer<typeof Municipality>;

/**
 * What a relying party can ask of a person, each by itself, as OpenID Connect claims; and the value of each. All of it comes
 * from the signature certificate of the card. docs/attributes.md says how.
 */
export const itemValues = {
  name: z.string(),
  family_name: z.string(),
  given_name: z.string(),
  /** `YYYY-MM-DD`, or with `00` for a part that the register does not know. */
  birthdate: z.string(),
  age_over_18: z.boolean(),
  age_over_20: z.boolean(),
  gender: z.enum(["male", "female", "unknown"]),
  address: Address,
  municipality: Municipality,
} as const;

export type ItemName = keyof typeof itemValues;
export type ItemValues = { [Name in ItemName]: z.infer<(typeof itemValues)[Name]> };

/** In the order in which they are shown. */
export const itemNames = Object.keys(itemValues) as [ItemName, ...ItemName[]];
export const ItemName = z.enum(itemNames);

/**
 * Claims that go along with an item and are no choice of their own: how its text is written, and whether the certificate's
 * name could be divided without guessing.
 */
export const companionClaims = {
  name_characters: { items: ["name", "family_name", "given_name"], value: CharacterFlags },
  name_divided: { items: ["family_name", "given_name"], value: z.boolean() },
  address_characters: { items: ["address"], value: CharacterFlags },
} as const satisfies Record<string, { items: readonly ItemName[]; value: z.ZodType }>;

export type CompanionClaim = keyof typeof companionClaims;
export type CompanionValues = { [Name in CompanionClaim]: z.infer<(typeof companionClaims)[Name]["value"]> };
export const companionNames = Object.keys(companionClaims) as [CompanionClaim, ...CompanionClaim[]];

/** Everything that is said of a person by these names: items and what goes along with them. */
export type ItemClaims = Partial<ItemValues & CompanionValues>;

/** The companions of the items that somebody may have. */
export function companionsOf(items: readonly ItemName[]): CompanionClaim[] {
  return companionNames.filter((name) => companionClaims[name].items.some((item) => items.includes(item)));
}
