import type { Me } from "@xid/protocol";
import { z } from "zod";
import { most, type SignedDocument } from "../jpki/jlis-client.ts";
import { JpkiError } from "../jpki/jpki-error.ts";
import type { Platform } from "../platform.ts";

type Parts = Pick<Platform, "database" | "sealer" | "jpki" | "log">;

const Signed = z.strictObject({ document: z.string(), signature: z.string(), certificate: z.string() });

export function sealSignedConsent(
  { sealer }: Pick<Platform, "sealer">,
  accountId: string,
  signed: SignedDocument,
): Buffer {
  return sealer.seal(context(accountId), JSON.stringify(Signed.parse(signed)));
}

/** Every account has one from its first day. */
export async function readJlisConsent(
  { database }: Pick<Platform, "database">,
  accountId: string,
): Promise<Me["jlisConsent"]> {
  const row = await database
    .selectFrom("jlis_consents")
    .select(["state", "consent_id"])
    .where("account_id", "=", accountId)
    .executeTakeFirstOrThrow();
  return { state: row.state, consentId: row.consent_id };
}

function context(accountId: string): string {
  return `jlis_consents.signed_sealed:${accountId}`;
}

/**
 * Gives the consents of these accounts that J-LIS has not taken yet to it, or of anybody where none are named: at most a
 * hundred. Answers how many were given. What J-LIS does not take has ended; while it does not answer, they wait, and
 * nothing is thrown.
 */
export async function registerConsents(parts: Parts, accountIds?: readonly string[]): Promise<number> {
  const { database, sealer, jpki, log } = parts;
  let waiting = database
    .selectFrom("jlis_consents")
    .select(["account_id", "signed_sealed", "changed_at"])
    .where("state", "=", "waiting")
    .orderBy("account_id")
    .limit(most.consents);
  if (accountIds) waiting = waiting.where("account_id", "in", accountIds);
  const rows = await waiting.execute();
  if (rows.length === 0) return 0;
  const signed = rows.map(({ account_id, signed_sealed }) =>
    Signed.parse(JSON.parse(sealer.open(context(account_id), signed_sealed!).toString("utf8"))),
  );
  try {
    const answers = await jpki.jlis.registerConsents(signed);
    const at = new Date(await jpki.now());
    for (const [index, row] of rows.entries()) {
      const answer = answers[index]!;
      const taken = "consentId" in answer && answer.state === "valid";
      await database
        .updateTable("jlis_consents")
        .set({
          state: taken ? "valid" : "ended",
          consent_id: taken ? answer.consentId : null,
          signed_sealed: null,
          changed_at: at,
        })
        .where("account_id", "=", row.account_id)
        // A card that was read again in the meantime has given a newer one.
        .where("state", "=", "waiting")
        .where("changed_at", "=", row.changed_at)
        .execute();
    }
    return rows.length;
  } catch (error) {
    if (!(error instanceof JpkiError)) throw error;
    log.warn({ code: error.code }, "consents wait for J-LIS");
    return 0;
  }
}
