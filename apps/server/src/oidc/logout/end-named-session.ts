import type { KoaContextWithOIDC } from "oidc-provider";
import type { Platform } from "../../platform.ts";
import { endSessions } from "../../session/end-sessions.ts";
import { transaction } from "../../store/database.ts";
import type { Subjects } from "../subjects.ts";

/**
 * A relying party that signs its visitor out here (RP-Initiated Logout 1.0 §2) names the sign-in by its ID token: that one
 * has ended, there and nowhere else. The library has verified the token by then.
 */
export function endNamedSession(platform: Pick<Platform, "database" | "clock">, subjects: Subjects) {
  return async (context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    if (context.oidc?.route !== "end_session") return;
    const { IdTokenHint: hint, Client: client } = context.oidc.entities as {
      IdTokenHint?: { payload: { sub?: unknown; sid?: unknown } };
      Client?: Parameters<Subjects["findLinked"]>[0];
    };
    const { sub, sid } = hint?.payload ?? {};
    if (!client || typeof sub !== "string" || typeof sid !== "string") return;
    const accountId = await subjects.findLinked(client, sub);
    if (accountId === undefined) return;
    const at = new Date(platform.clock());
    await transaction(platform.database, (tx) =>
      endSessions(tx, { accountId, clientId: client.clientId, sid }, { because: "by_client", at }),
    );
  };
}
