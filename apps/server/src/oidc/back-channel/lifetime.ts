import type { Platform } from "../../platform.ts";

/** Seconds that a relying party may give a person to answer (`requested_expiry`). */
const lifetimeBounds = { min: 30, max: 900 };

/** Seconds after the person's time in which the client may still fetch what they decided at the last moment. */
export const fetchingTime = 60;

/** How long a person has to answer, in seconds. */
export function lifetimeOf(platform: Pick<Platform, "config">, requestedExpiry: unknown): number {
  const { min, max } = lifetimeBounds;
  const requested = requestedExpiry === undefined ? platform.config.requestLifetime : Number(requestedExpiry);
  return Math.min(max, Math.max(min, requested));
}
