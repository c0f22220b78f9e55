import type { IDToken } from "openid-client";
import { XidError } from "./xid-error.ts";

/** How a person was verified (`acr`), weakest first; each is at least what the one before it is. */
export const acrs = {
  /** By a device that was enrolled with their card, whose holder it made sure of. */
  device: "urn:xid:acr:card-enrolled-device",
  /** And JPKI was asked at that very moment whether their certificate stands. */
  fresh: "urn:xid:acr:card-enrolled-device:fresh",
  /** And their card itself signed for this one request. */
  card: "urn:xid:acr:card-presented",
} as const;

/** How sure a relying party wants to be, and of whom. */
export type Assurance = {
  /** At least this, or there is no result. */
  acr?: keyof typeof acrs;
  /** Seconds since the person approved, when it comes to `finish`. */
  maxAge?: number;
  /** The one person who will do: the `subject` of an earlier sign-in. For a step-up of somebody who is signed in. */
  subject?: string;
};

/** How far apart the clocks may be, in seconds. */
const clockTolerance = 60;

/** Parameters of OpenID Connect Core 3.1.2.1 and 5.5; `claims` is what is asked for beside. */
export function requestAssurance(
  { acr, maxAge, subject }: Assurance,
  claims: string | undefined,
): { claims?: string; max_age?: string; login_hint?: string } {
  const wanted = {
    ...(acr !== undefined && { acr: { essential: true, values: sufficient(acr) } }),
    ...(subject !== undefined && { sub: { value: subject } }),
  };
  const all = {
    ...(claims === undefined ? {} : (JSON.parse(claims) as object)),
    ...(Object.keys(wanted).length > 0 && { id_token: wanted }),
  };
  return {
    ...(Object.keys(all).length > 0 && { claims: JSON.stringify(all) }),
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
    ...(subject !== undefined && { login_hint: subject }),
  };
}

/**
 * Makes sure that what was wanted is what was done. Throws ASSURANCE_UNMET.
 *
 * @param now milliseconds since 1970
 */
export function verifyAssurance(
  { acr, sub, auth_time: authTime }: Pick<IDToken, "sub"> & { acr?: unknown; auth_time?: unknown },
  expected: Assurance,
  now: number,
): void {
  const refuse = (why: string): never => {
    throw new XidError("ASSURANCE_UNMET", why);
  };
  if (expected.subject !== undefined && sub !== expected.subject) refuse("somebody else has approved");
  if (expected.acr !== undefined && !sufficient(expected.acr).includes(String(acr))) {
    refuse(`${acrs[expected.acr]} was wanted, and ${String(acr)} was done`);
  }
  if (expected.maxAge === undefined) return;
  if (typeof authTime !== "number") refuse("the provider does not say when the person approved");
  else if (now / 1000 - authTime > expected.maxAge + clockTolerance) refuse("the person approved too long ago");
}

/** That one first, then all that are more. */
function sufficient(acr: keyof typeof acrs): string[] {
  const all = Object.values(acrs);
  return all.slice(all.indexOf(acrs[acr]));
}
