import { type ItemName, itemNames } from "@xid/protocol";
import { errors } from "oidc-provider";
import type { Platform } from "../platform.ts";
import { ClaimRequest, checkClaimRequest } from "./claim-request.ts";
import { verifiedItems, wrapVerifiedClaims } from "./verified-claims-request.ts";

/** Characters of the `claims` parameter. */
const maxLength = 8192;

/** The places in which claims are asked for. */
const containers = ["userinfo", "id_token"] as const;

/**
 * Checks the parts of the `claims` parameter that ask for items, and brings them into the form in which the library takes
 * them, in place. Unknown claims may be asked for; they are not answered. Throws `invalid_request`.
 */
export function assertItemClaims(platform: Pick<Platform, "sealer">, claims: object): void {
  if (JSON.stringify(claims).length > maxLength) throw new errors.InvalidRequest("claims is too long");
  wrapVerifiedClaims(platform, claims);
  for (const container of containers) {
    const members = membersOf(claims, container);
    for (const [name, member] of Object.entries(members)) {
      if (member !== null && (typeof member !== "object" || Array.isArray(member))) {
        throw new errors.InvalidRequest(`claims.${container}.${name} must be null or an object`);
      }
      const item = itemNames.find((one) => one === name);
      if (item)
        members[name] = checkClaimRequest(platform.sealer, { where: `${container}.${name}`, name: item }, member);
    }
  }
}

/** Everything that a checked `claims` parameter says of each item, place by place. */
export function itemRequests(claims: string | undefined): Map<ItemName, ClaimRequest[]> {
  const parsed = claims === undefined ? {} : (JSON.parse(claims) as object);
  const found = new Map<ItemName, ClaimRequest[]>();
  const add = (name: ItemName, request: ClaimRequest) => found.set(name, [...(found.get(name) ?? []), request]);
  for (const container of containers) {
    const members = membersOf(parsed, container);
    for (const name of itemNames) {
      if (Object.hasOwn(members, name)) add(name, ClaimRequest.parse(members[name]));
    }
  }
  for (const { name, request } of verifiedItems(parsed)) add(name, ClaimRequest.parse(request));
  return found;
}

function membersOf(claims: object, container: (typeof containers)[number]): Record<string, unknown> {
  return ((claims as Record<string, unknown>)[container] ?? {}) as Record<string, unknown>;
}
