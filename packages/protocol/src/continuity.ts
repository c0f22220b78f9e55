import { z } from "zod";
import { companionClaims, ItemName, itemValues } from "./items.ts";
import { BilingualText } from "./messages.ts";

/** The id of a person towards one relying party, as in its ID tokens. */
export const Subject = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

const cursor = z.string().regex(/^\d{1,18}$/);

/** Whether what was verified of a person still holds. */
export const IdentityStatus = z.object({
  sub: Subject,
  /** `unknown`: the person has withdrawn that J-LIS is asked. */
  status: z.enum(["unchanged", "changed", "unknown"]),
  /**
   * Why, of what has changed. Null for a relying party that is not registered as one that the law lets know what the card's
   * certificate was revoked for (`xid_receives_certificates`).
   */
  reason: z.enum(["moved_or_renamed", "renewed", "lost", "expired", "deceased", "revoked", "unknown"]).nullable(),
  /** When it changed, where J-LIS says so, and with the reason only. */
  changedAt: z.iso.datetime().nullable(),
  /** Until when nothing that J-LIS knew was missed. */
  checkedAt: z.iso.datetime(),
  /** The card at its reading, J-LIS asked about this person, or J-LIS's nightly list of what has changed. */
  source: z.enum(["card", "jlis", "jlis_changes"]),
});
export type IdentityStatus = z.infer<typeof IdentityStatus>;

export const maxCheckedSubjects = 50_000;

/** Whom a check is about: some, or everybody who is linked with the relying party when it begins. */
export const IdentityCheckOrder = z.union([
  z.strictObject({ subs: z.array(Subject).min(1).max(maxCheckedSubjects) }),
  z.strictObject({ all: z.literal(true) }),
]);
export type IdentityCheckOrder = z.infer<typeof IdentityCheckOrder>;

/** A check of many people, which takes its time. */
export const IdentityCheck = z.object({
  checkId: z.uuid(),
  state: z.enum(["running", "done"]),
  /** How many people, and how many of them have been looked at. */
  total: z.int().min(0),
  done: z.int().min(0),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  /** Until when the results can be read. */
  expiresAt: z.iso.datetime(),
});
export type IdentityCheck = z.infer<typeof IdentityCheck>;

/** A check that was begun; whom it is not about, as they are not linked with the relying party. */
export const StartedIdentityCheck = IdentityCheck.extend({ notLinked: z.array(Subject) });
export type StartedIdentityCheck = z.infer<typeof StartedIdentityCheck>;

/** Some of a check's results. They are given once they are there, also while the check runs. */
export const IdentityCheckResults = z.object({
  results: z.array(IdentityStatus),
  /** Give it as `after`; null when nothing more will come. */
  next: cursor.nullable(),
});
export type IdentityCheckResults = z.infer<typeof IdentityCheckResults>;

/** Items of a person as UserInfo gives them, with the flags of their characters; only those that the relying party may have. */
export const LatestItems = z
  .object({
    ...itemValues,
    name_characters: companionClaims.name_characters.value,
    name_divided: companionClaims.name_divided.value,
    address_characters: companionClaims.address_characters.value,
  })
  .partial();
export type LatestItems = z.infer<typeof LatestItems>;

/** The latest attributes of a person. */
export const LatestAttributes = z.object({
  sub: Subject,
  attributes: LatestItems,
  /** Counts up with every version of this person's attributes. */
  version: z.int().min(1),
  /** From which these are: the card as the person read it, or J-LIS. */
  source: z.enum(["card", "jlis"]),
  /** When they were read there. */
  verifiedAt: z.iso.datetime(),
  /** Until when nothing that J-LIS knew was missed. */
  checkedAt: z.iso.datetime(),
  /** How long the person's consent lasts. */
  consentUntil: z.iso.datetime(),
});
export type LatestAttributes = z.infer<typeof LatestAttributes>;

/** What of two versions is different, told by the two texts alone: an address that changed need not be a move. */
export const AttributeDifference = z.object({
  item: ItemName,
  kind: z.enum([
    "family_name_changed",
    "given_name_changed",
    "name_changed",
    "name_respelled",
    "birthdate_corrected",
    "gender_changed",
    "address_within_municipality",
    "address_within_city",
    "address_within_prefecture",
    "address_other_prefecture",
    "address_abroad",
    "address_from_abroad",
    "address_changed",
    "address_respelled",
  ]),
  words: BilingualText,
});
export type AttributeDifference = z.infer<typeof AttributeDifference>;

/** One entry of a relying party's list of changes. */
export const AttributeChange = z.object({
  cursor,
  sub: Subject,
  changes: z.array(AttributeDifference).min(1),
  /** All items that the relying party may have, as they became. */
  attributes: LatestItems,
  version: z.int().min(1),
  source: z.enum(["card", "jlis"]),
  verifiedAt: z.iso.datetime(),
});
export type AttributeChange = z.infer<typeof AttributeChange>;

export const AttributeChanges = z.object({
  changes: z.array(AttributeChange),
  /** Give it as `after` next time, now or tomorrow. */
  next: cursor,
  /** Whether there is more by now. */
  more: z.boolean(),
});
export type AttributeChanges = z.infer<typeof AttributeChanges>;
