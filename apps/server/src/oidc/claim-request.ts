import type { BilingualText, ItemName } from "@xid/protocol";
import { errors } from "oidc-provider";
import { z } from "zod";
import { hashWanted, type Wanted } from "../attributes/wanted.ts";
import type { Sealer } from "../store/sealer.ts";

const maxPurpose = 300;

/** Stands in the place of `value` and `values` as soon as a request was checked: keyed hashes of them. */
const wantedMember = "urn:xid:wanted";

/**
 * What a member of the `claims` parameter may say (OpenID Connect Core 5.5.1), and in `purpose` what the item is for, by
 * language where it is given by language.
 */
export const ClaimRequest = z
  .looseObject({
    essential: z.boolean().optional(),
    value: z.json().optional(),
    values: z.array(z.json()).min(1).max(20).optional(),
    [wantedMember]: z.array(z.string().max(43)).max(20).optional(),
    purpose: z.string().min(3).max(maxPurpose).optional(),
    "purpose#ja": z.string().min(3).max(maxPurpose).optional(),
    "purpose#en": z.string().min(3).max(maxPurpose).optional(),
  })
  .nullable();
export type ClaimRequest = z.infer<typeof ClaimRequest>;

/** Control characters, and those that turn the direction of text around: a purpose must read as it is. */
const deceptiveCharacters = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

/**
 * A checked member, in which the values that are wanted are told by keyed hashes alone: it is kept with tokens, and a value
 * may be about somebody. Once more is the same as once. Throws `invalid_request`.
 */
export function checkClaimRequest(
  sealer: Pick<Sealer, "lookup">,
  { where, name }: { where: string; name: ItemName },
  member: unknown,
): ClaimRequest {
  const parsed = ClaimRequest.safeParse(member);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new errors.InvalidRequest(`claims.${where}.${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { purpose, "purpose#ja": ja, "purpose#en": en } = parsed.data ?? {};
  if ([purpose, ja, en].some((text) => text !== undefined && deceptiveCharacters.test(text))) {
    throw new errors.InvalidRequest(`claims.${where}.purpose has characters that cannot be shown`);
  }
  if (!parsed.data) return null;
  const { value, values = value === undefined ? undefined : [value], ...others } = parsed.data;
  if (!values) return others;
  return { ...others, [wantedMember]: values.map((one) => hashWanted(sealer, name, one)) };
}

/** The hashes in a checked member; undefined where any value will do. */
export function wantedOf(request: ClaimRequest): Wanted | undefined {
  return request?.[wantedMember];
}

/** The purpose in both languages, where one is given at all. */
export function purposeOf(request: ClaimRequest): BilingualText | undefined {
  const { purpose, "purpose#ja": ja, "purpose#en": en } = request ?? {};
  const any = ja ?? en ?? purpose;
  return any === undefined ? undefined : { ja: ja ?? purpose ?? any, en: en ?? purpose ?? any };
}
