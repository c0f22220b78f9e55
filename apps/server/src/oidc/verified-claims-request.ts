import { type ItemName, itemNames } from "@xid/protocol";
import { errors } from "oidc-provider";
import { z } from "zod";
import type { VerifiedClaimsRequest } from "../attributes/verified-claims.ts";
import type { Platform } from "../platform.ts";
import { ClaimRequest, checkClaimRequest } from "./claim-request.ts";

/** How many alternatives, and how many pieces of evidence, may be asked for at once. */
const maxAlternatives = 5;
const maxEvidence = 5;

const essential = z.boolean().optional();
const text = z
  .looseObject({ essential, value: z.string().optional(), values: z.array(z.string()).min(1).max(20).optional() })
  .nullable();
const time = z.looseObject({ essential, max_age: z.int().min(0).optional() }).nullable();

const Evidence = z.looseObject({
  type: z.looseObject({
    value: z.enum(["document", "electronic_record", "vouch", "electronic_signature"]).optional(),
  }),
  check_details: z
    .array(z.looseObject({ check_method: text, check_id: text.optional(), time: time.optional() }))
    .min(1)
    .max(maxEvidence)
    .optional(),
  // What values are wanted is said once, of the claims.
  derived_claims: z.record(z.string(), z.strictObject({ essential }).nullable()).nullable().optional(),
});

/** One request as *OpenID Connect for Identity Assurance 1.0* section 5 has it; members that it does not name are let be. */
const Request = z.strictObject({
  verification: z.looseObject({
    trust_framework: text,
    time: time.optional(),
    assurance_level: text.optional(),
    evidence: z.array(Evidence).min(1).max(maxEvidence).optional(),
    verification_process: z.looseObject({ essential }).nullable().optional(),
  }),
  claims: z
    .record(z.string(), ClaimRequest)
    .refine((claims) => Object.keys(claims).length > 0, "asks for nothing")
    .nullable(),
});

/** Where a list of requests stands while the library has it, which takes objects only. */
const listed = "urn:xid:any-of";

/**
 * Checks the `verified_claims` of a `claims` parameter, hides the values that are wanted, and puts a list of them into an
 * object, in place; once more is the same as once. Throws `invalid_request`.
 */
export function wrapVerifiedClaims({ sealer }: Pick<Platform, "sealer">, claims: object): void {
  for (const [container, members] of Object.entries(claims as Record<string, Record<string, unknown>>)) {
    if (container !== "userinfo" && container !== "id_token") continue;
    const asked = members?.verified_claims;
    if (asked === undefined) continue;
    const requests = Array.isArray(asked) ? asked : unwrap(asked);
    if (requests.length === 0 || requests.length > maxAlternatives)
      refuse(container, `1 to ${maxAlternatives} requests`);
    for (const request of requests) {
      const parsed = Request.safeParse(request);
      const [issue] = parsed.error?.issues ?? [];
      if (issue) refuse(container, `${issue.path.join(".")}: ${issue.message}`);
      const { claims: asked } = request as VerifiedClaimsRequest;
      for (const { name, request: member } of asked === null ? [] : itemsOf(request as VerifiedClaimsRequest)) {
        const where = `${container}.verified_claims.claims.${name}`;
        Object.assign(asked as object, { [name]: checkClaimRequest(sealer, { where, name }, member) });
      }
    }
    if (Array.isArray(asked)) members.verified_claims = { [listed]: asked };
  }
}

/** The requests in a member of the checked `claims` parameter, and whether they came as a list. */
export function readVerifiedClaims(member: unknown): { requests: VerifiedClaimsRequest[]; list: boolean } {
  const requests = unwrap(member) as VerifiedClaimsRequest[];
  return { requests, list: isListed(member) };
}

/** Every item that a checked `claims` parameter asks for by `verified_claims`, as often as it does. */
export function verifiedItems(claims: object): { name: ItemName; request: unknown }[] {
  return ["userinfo", "id_token"].flatMap((container) => {
    const member = (claims as Record<string, Record<string, unknown> | undefined>)[container]?.verified_claims;
    return member === undefined ? [] : readVerifiedClaims(member).requests.flatMap(itemsOf);
  });
}

/** `"claims": null` asks for whatever there is. */
function itemsOf({ claims }: VerifiedClaimsRequest): { name: ItemName; request: unknown }[] {
  return itemNames.flatMap((name) => {
    if (claims === null) return [{ name, request: null }];
    return Object.hasOwn(claims, name) ? [{ name, request: claims[name] }] : [];
  });
}

function isListed(member: unknown): member is { [listed]: unknown[] } {
  return typeof member === "object" && member !== null && Array.isArray((member as Record<string, unknown>)[listed]);
}

function unwrap(member: unknown): unknown[] {
  return isListed(member) ? member[listed] : [member];
}

function refuse(container: string, why: string): never {
  throw new errors.InvalidRequest(`claims.${container}.verified_claims: ${why}`);
}
