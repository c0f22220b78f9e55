import { hash } from "node:crypto";
import type { Platform } from "../platform.ts";

/** How long a relying party is told that a sign-in has ended, in milliseconds; none should last longer. */
const longest = 90 * 86_400_000;

/** The `sid` of a sign-in (OpenID Connect Back-Channel Logout 1.0 §2.1): follows from its grant, which it does not tell. */
export function sessionIdOf(grantId: string): string {
  return hash("sha256", `session\0${grantId}`, "base64url");
}

/** Remembers a sign-in so that its end can be told. Repeating it changes nothing. What comes after it is synced to disk. */
export async function startSession(
  { unsynced, clock }: Pick<Platform, "unsynced" | "clock">,
  { accountId, clientId, deviceId, grantId }: Record<"accountId" | "clientId" | "deviceId" | "grantId", string>,
): Promise<void> {
  const now = clock();
  await unsynced
    .insertInto("sessions")
    .values({
      account_id: accountId,
      client_id: clientId,
      sid: sessionIdOf(grantId),
      device_id: deviceId,
      started_at: new Date(now),
      expires_at: new Date(now + longest),
      attempts: 0,
    })
    .onConflict((conflict) => conflict.columns(["account_id", "client_id", "sid"]).doNothing())
    .execute();
}
