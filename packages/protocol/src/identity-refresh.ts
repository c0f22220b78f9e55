import { z } from "zod";

/** `type` of the member of `authorization_details` (RFC 9396) that asks a person to read their card again. */
export const identityRefreshType = "urn:xid:identity-refresh";

/** The member of `authorization_details`. */
export const IdentityRefreshDetail = z.strictObject({ type: z.literal(identityRefreshType) });
export type IdentityRefreshDetail = z.infer<typeof IdentityRefreshDetail>;

/** What a relying party wants to happen when a person signs in of whom something has changed since they read their card. */
export const IdentityChangePolicy = z.enum([
  /** The sign-in goes on with what is known, and says so. */
  "warn",
  /** The app asks for the card in this very sign-in. */
  "require",
  /** The sign-in is refused until the person has read their card. */
  "block",
]);
export type IdentityChangePolicy = z.infer<typeof IdentityChangePolicy>;
