import { type ItemName, itemNames } from "@xid/protocol";
import { z } from "zod";
import { type Claims, parseClaims } from "./items.ts";
import { XidError } from "./xid-error.ts";

/** Claims with the story of their verification (OpenID Connect for Identity Assurance 1.0), by the Japanese AML act. */
export type VerifiedClaimsOrder = {
  /** What is to be vouched for. The person lets each go by itself, as with other items. */
  items: readonly ItemName[];
  /** Seconds since the card vouched for them, at most; nothing comes when it is longer ago. */
  maxAge?: number;
  /** Also how it was verified, step by step. */
  evidence?: boolean;
};

const Evidence = z.looseObject({ type: z.enum(["document", "electronic_signature", "electronic_record", "vouch"]) });

const Answer = z.object({
  verification: z.looseObject({
    trust_framework: z.string(),
    time: z.string().optional(),
    verification_process: z.string().optional(),
    assurance_process: z.looseObject({}).optional(),
    evidence: z.array(Evidence).optional(),
  }),
  claims: z.record(z.string(), z.unknown()),
});

export type VerifiedClaims = { verification: z.infer<typeof Answer>["verification"]; claims: Claims };

/** The member `verified_claims` of a `claims` parameter. */
export function requestVerifiedClaims({ items, maxAge, evidence = false }: VerifiedClaimsOrder): object {
  const asked = itemNames.filter((name) => items.includes(name));
  if (asked.length === 0) throw new TypeError("verified claims of nothing");
  const check = { check_method: null, check_id: null, organization: null, time: null };
  const reference = { assurance_type: null, evidence_ref: [{ check_id: null }] };
  return {
    verification: {
      trust_framework: { value: "jp_aml" },
      time: maxAge === undefined ? null : { max_age: maxAge },
      verification_process: null,
      ...(evidence && {
        assurance_process: { policy: null, procedure: null, assurance_details: [reference] },
        evidence: [{ type: { value: "document" }, check_details: [check], document_details: { type: null } }],
      }),
    },
    claims: Object.fromEntries(asked.map((name) => [name, null])),
  };
}

/** Of a verified UserInfo response; absent where the provider could not say what was asked. Throws RESPONSE_INVALID. */
export function parseVerifiedClaims(userInfo: Record<string, unknown>): { verifiedClaims?: VerifiedClaims } {
  const { verified_claims: member } = userInfo;
  if (member === undefined) return {};
  const parsed = Answer.safeParse(member);
  if (!parsed.success) throw new XidError("RESPONSE_INVALID", "verified_claims came in an unknown form");
  const { verification, claims } = parsed.data;
  return { verifiedClaims: { verification, claims: parseClaims(claims) } };
}
