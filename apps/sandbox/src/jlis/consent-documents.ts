import { z } from "zod";

/** 基本4情報, by the names that relying parties use. */
export const attributeItems = ["name", "birthdate", "gender", "address"] as const;
export type AttributeItem = (typeof attributeItems)[number];
export const AttributeItem = z.enum(attributeItems);

const identifier = z.string().regex(/^[\w-]{43}$/);
const time = z.int();

/** 提供同意: what the signature key signs so that one verifier is told of changes, for one service of one provider. */
export const ConsentDocument = z.strictObject({
  typ: z.literal("xid-jlis-consent-v1"),
  /** Issuer URL of the platform, for the person; who may use the consent is `verifier`. */
  origin: z.string().max(512),
  /** The verifier's id at J-LIS. */
  verifier: identifier,
  service: z.strictObject({ provider: z.string().min(1).max(120), name: z.string().min(1).max(120) }),
  challenge: identifier,
  textVersion: z.string().max(32),
  items: z
    .array(AttributeItem)
    .min(1)
    .max(attributeItems.length)
    .refine((items) => new Set(items).size === items.length),
  time,
});
export type ConsentDocument = z.infer<typeof ConsentDocument>;

/** 同意の撤回, by the signature key. */
export const WithdrawalDocument = z.strictObject({
  typ: z.literal("xid-jlis-withdrawal-v1"),
  consentId: identifier,
  time,
});

/** A resident's question for all consents of their own, by the authentication key. */
export const InquiryDocument = z.strictObject({
  typ: z.literal("xid-jlis-inquiry-v1"),
  /** Base URL of the interface, so that no other one can ask with it. */
  audience: z.string().max(512),
  time,
});
