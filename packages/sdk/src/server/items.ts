import { XidError } from "./xid-error.ts";

/** What a relying party can ask for: the scope and claim names of the provider. */
export const itemNames = ["name", "birthdate", "gender", "address"] as const;
export type ItemName = (typeof itemNames)[number];

/** Verified items of a person, as the provider signed them; absent when not asked or not given. */
export type Claims = {
  /** As in the certificate: family name, U+3000, given name; up to 255 characters. */
  name?: string;
  /** YYYY-MM-DD */
  birthdate?: string;
  gender?: "male" | "female" | "unknown";
  address?: { formatted: string; country: string };
};

/** Scope and claims parameter (OpenID Connect Core 5.5) for the items: required ones are `essential`. */
export function requestItems(required: readonly ItemName[], optional: readonly ItemName[]) {
  const asked = itemNames.filter((item) => required.includes(item) || optional.includes(item));
  const userinfo = Object.fromEntries(
    asked.map((item) => [item, required.includes(item) ? { essential: true } : null]),
  );
  return {
    scope: ["openid", ...asked].join(" "),
    ...(asked.length > 0 && { claims: JSON.stringify({ userinfo }) }),
  };
}

/**
 * The four items from a UserInfo response whose signature and subject were verified before. Throws RESPONSE_INVALID
 * when an item has another form than above; items that nobody asked for are dropped.
 */
export function parseClaims(userInfo: Record<string, unknown>): Claims {
  const { name, birthdate, gender, address } = userInfo;
  const claims: Claims = {};
  if (name !== undefined) claims.name = text("name", name);
  if (birthdate !== undefined) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text("birthdate", birthdate))) throw malformed("birthdate");
    claims.birthdate = birthdate as string;
  }
  if (gender !== undefined) {
    if (gender !== "male" && gender !== "female" && gender !== "unknown") throw malformed("gender");
    claims.gender = gender;
  }
  if (address !== undefined) {
    if (typeof address !== "object" || address === null) throw malformed("address");
    const { formatted, country } = address as Record<string, unknown>;
    claims.address = { formatted: text("address.formatted", formatted), country: text("address.country", country) };
  }
  return claims;
}

function text(item: string, value: unknown): string {
  if (typeof value !== "string" || value === "" || value.length > 1000) throw malformed(item);
  return value;
}

function malformed(item: string): XidError {
  return new XidError("RESPONSE_INVALID", `the provider gave ${item} in an unknown form`);
}
