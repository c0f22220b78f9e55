import { companionsOf, type ItemClaims, itemNames } from "@xid/protocol";
import type { Account, ClaimsParameterMember } from "oidc-provider";
import { readItems } from "../attributes/read-items.ts";
import type { Platform } from "../platform.ts";
import type { Approved } from "../request/engine.ts";
import { isWanted } from "./claims-parameter.ts";

/** How every sign-in was verified: by a device that was enrolled with a card, its key used for this one request. */
export const cardEnrolledDevice = "urn:xid:acr:card-enrolled-device";

/**
 * RFC 8176. `swk` where the device says that its key is software; `hwk` never, as no attestation is verified. `user` =
 * the device saw its holder.
 */
export function toAmr({ keyLevel, userVerification }: Pick<Approved, "keyLevel" | "userVerification">): string[] {
  return [...(keyLevel === "software" ? ["swk"] : []), userVerification === "app_pin" ? "pin" : "user", "mfa"];
}

/** The library's view of an account. Attributes are read only when an answer will hold them. */
export function toAccount(platform: Pick<Platform, "database" | "sealer" | "jpki">, accountId: string): Account {
  return {
    accountId,
    async claims(use, scope, claims: Record<string, ClaimsParameterMember | null>, rejected) {
      // Scopes are answered at UserInfo only (OpenID Connect Core 5.4).
      const scopes = use === "userinfo" ? scope.split(" ") : [];
      const items = itemNames.filter((name) => (scopes.includes(name) || name in claims) && !rejected.includes(name));
      if (items.length === 0) return { sub: accountId };
      const known = await readItems(platform, accountId);
      const given = items.filter((name) =>
        isWanted(scopes.includes(name) ? null : (claims[name] ?? null), known[name]),
      );
      return { sub: accountId, ...pick(known, [...given, ...companionsOf(items)]) };
    },
  };
}

function pick(known: ItemClaims, names: readonly (keyof ItemClaims)[]): ItemClaims {
  return Object.fromEntries(names.flatMap((name) => (known[name] === undefined ? [] : [[name, known[name]]])));
}
