import { type BilingualText, contentDigest, type ItemName, itemNames } from "@xid/protocol";
import { errors } from "oidc-provider";
import { z } from "zod";

/** Characters of the `claims` parameter. */
const maxLength = 8192;

const maxPurpose = 300;

/**
 * What a member of the `claims` parameter may say (OpenID Connect Core 5.5.1), and in `purpose` what the item is for, by
 * language where it is given by language.
 */
const ClaimRequest = z
  .looseObject({
    essential: z.boolean().optional(),
    value: z.json().optional(),
    values: z.array(z.json()).min(1).max(20).optional(),
    purpose: z.string().min(3).max(maxPurpose).optional(),
    "purpose#ja": z.string().min(3).max(maxPurpose).optional(),
    "purpose#en": z.string().min(3).max(maxPurpose).optional(),
  })
  .nullable();
export type ClaimRequest = z.infer<typeof ClaimRequest>;

/** Control characters, and those that turn the direction of text around: a purpose must read as it is. */
const deceptiveCharacters = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

/** The places in which claims are asked for. */
const containers = ["userinfo", "id_token"] as const;

/**
 * Checks the parts of the `claims` parameter that ask for items. Unknown claims may be asked for; they are not answered.
 * Throws `invalid_request`.
 */
export function assertItemClaims(claims: object): void {
  if (JSON.stringify(claims).length > maxLength) throw new errors.InvalidRequest("claims is too long");
  for (const container of containers) {
    for (const [name, member] of Object.entries(membersOf(claims, container))) {
      if (member !== null && (typeof member !== "object" || Array.isArray(member))) {
        throw new errors.InvalidRequest(`claims.${container}.${name} must be null or an object`);
      }
      if ((itemNames as readonly string[]).includes(name)) assertClaimRequest(`${container}.${name}`, member);
    }
  }
}

function assertClaimRequest(where: string, member: unknown): void {
  const parsed = ClaimRequest.safeParse(member);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new errors.InvalidRequest(`claims.${where}.${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { purpose, "purpose#ja": ja, "purpose#en": en } = parsed.data ?? {};
  if ([purpose, ja, en].some((text) => text !== undefined && deceptiveCharacters.test(text))) {
    throw new errors.InvalidRequest(`claims.${where}.purpose has characters that cannot be shown`);
  }
}

/** Everything that a checked `claims` parameter says of each item, place by place. */
export function itemRequests(claims: string | undefined): Map<ItemName, ClaimRequest[]> {
  const parsed = claims === undefined ? {} : (JSON.parse(claims) as object);
  const found = new Map<ItemName, ClaimRequest[]>();
  for (const container of containers) {
    const members = membersOf(parsed, container);
    for (const name of itemNames) {
      if (Object.hasOwn(members, name))
        found.set(name, [...(found.get(name) ?? []), ClaimRequest.parse(members[name])]);
    }
  }
  return found;
}

type ValueRequest = { readonly value?: unknown; readonly values?: readonly unknown[] | undefined };

/** Whether a value is one that the relying party wants. */
export function isWanted(request: ValueRequest | null, value: unknown): boolean {
  const wanted = wantedValues(request);
  return !wanted || wanted.some((one) => equalJson(one, value));
}

/** Undefined where any value is. */
export function wantedValues(request: ValueRequest | null): readonly unknown[] | undefined {
  if (request?.value !== undefined) return [request.value];
  return request?.values;
}

/** The purpose in both languages, where one is given at all. */
export function purposeOf(request: ClaimRequest): BilingualText | undefined {
  const { purpose, "purpose#ja": ja, "purpose#en": en } = request ?? {};
  const any = ja ?? en ?? purpose;
  return any === undefined ? undefined : { ja: ja ?? purpose ?? any, en: en ?? purpose ?? any };
}

function membersOf(claims: object, container: (typeof containers)[number]): Record<string, unknown> {
  return ((claims as Record<string, unknown>)[container] ?? {}) as Record<string, unknown>;
}

function equalJson(one: unknown, other: unknown): boolean {
  return contentDigest({ value: one }) === contentDigest({ value: other });
}
