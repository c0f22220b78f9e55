import { randomBytes, randomUUID } from "node:crypto";
import type { EnrolmentStart } from "@xid/protocol";
import type { Platform } from "../platform.ts";
import { jlisConsent } from "./jlis-consent-text.ts";

/** How long a person has between the challenge and the card's answer, in seconds. */
export const enrolmentLifetime = 15 * 60;

/** Gives a challenge to the key that asks, for one enrolment. */
export async function startEnrolment(
  { config, database, clock, jpki }: Pick<Platform, "config" | "database" | "clock" | "jpki">,
  keyThumbprint: string,
): Promise<EnrolmentStart> {
  const now = clock();
  const enrolmentId = randomUUID();
  const challenge = randomBytes(32).toString("base64url");
  const expiresAt = Math.floor(now / 1000) + enrolmentLifetime;
  await database
    .insertInto("enrolments")
    .values({
      enrolment_id: enrolmentId,
      challenge,
      key_thumbprint: keyThumbprint,
      created_at: new Date(now),
      expires_at: new Date(expiresAt * 1000),
    })
    .execute();
  return {
    enrolmentId,
    origin: config.issuer,
    challenge,
    expiresAt,
    jlisConsent: { verifier: jpki.verifierId, ...jlisConsent },
  };
}
