import type { AuthenticationLevel, RequestKind } from "@xid/protocol";
import { errors } from "oidc-provider";
import type { Approved } from "../request/engine.ts";

/** Authentication context classes, weakest first. Each is at least what the one before it is. */
export const acrs = {
  /** A device that was enrolled with a card, its key used for this one request by a holder whom it had made sure of. */
  device: "urn:xid:acr:card-enrolled-device",
  /** The same, and JPKI was asked at this very moment whether the person's certificate stands. */
  fresh: "urn:xid:acr:card-enrolled-device:fresh",
  /** The same, and the person's card itself has signed for this one request. */
  card: "urn:xid:acr:card-presented",
} as const;

export const acrValues: readonly string[] = Object.values(acrs);

type AcrMember = { essential?: unknown; value?: unknown; values?: unknown } | null | undefined;

/** Members of the `claims` parameter and `acr_values`, as text. */
export type AcrParameters = { claims?: string | undefined; acr_values?: string | undefined };

/**
 * The level that a request is carried out at: of what it names in its order of preference (OpenID Connect Core 5.5.1.1 and
 * 3.1.2.1) the first that there is; undefined where it names none, or the weakest.
 */
export function askedLevel(parameters: AcrParameters, kind: RequestKind): AuthenticationLevel | undefined {
  const named = namedIn(memberOf(parameters.claims)) ?? parameters.acr_values?.split(" ") ?? [];
  const acr = named.find((value) => isReachable(value, kind));
  return acr === acrs.fresh ? "fresh" : acr === acrs.card ? "card" : undefined;
}

/** Whoever insists on what cannot be reached is told at once, before the person is bothered. */
export function assertReachableAcr(member: AcrMember, kind: RequestKind): void {
  if (!member?.essential) return;
  const wanted = namedIn(member);
  if (wanted && !wanted.some((value) => isReachable(value, kind))) {
    throw new errors.UnmetAuthenticationRequirements("the requested acr is not available");
  }
}

/** What was really done. A signature by the card is one by a card that was there. */
export function reachedAcr({ kind, level }: Pick<Approved, "kind" | "level">): string {
  if (kind === "card_signature") return acrs.card;
  return acrs[level ?? "device"];
}

/** A card that is there is asked for by a sign-in, and a signature by the card; other kinds use the card otherwise. */
function isReachable(value: unknown, kind: RequestKind): boolean {
  if (value === acrs.card) return kind === "sign_in" || kind === "card_signature";
  return typeof value === "string" && acrValues.includes(value);
}

function namedIn(member: AcrMember): unknown[] | undefined {
  if (Array.isArray(member?.values)) return member.values;
  return member?.value === undefined ? undefined : [member.value];
}

function memberOf(claims: string | undefined): AcrMember {
  if (claims === undefined) return undefined;
  const { id_token: idToken } = JSON.parse(claims) as { id_token?: { acr?: AcrMember } | null };
  return idToken?.acr;
}
