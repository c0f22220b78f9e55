import { withdrawContinuousConsents } from "../consent/continuous-consent.ts";
import type { SignedDocument } from "../jpki/jlis-client.ts";
import { JpkiError } from "../jpki/jpki-error.ts";
import type { Platform } from "../platform.ts";
import { transaction } from "../store/database.ts";

/**
 * The person wants J-LIS to be asked about them no more: from now on it is not, and no relying party is told of changes.
 * `signed`, by the card, ends the consent at J-LIS, too; without it J-LIS keeps one that nobody uses. Doing it twice is the
 * same as once; the card, read again, begins anew. Answers whether J-LIS has ended it; when J-LIS cannot be reached, the
 * person tries that again.
 */
export async function withdrawJlisConsent(
  { database, jpki, clock, log }: Pick<Platform, "database" | "jpki" | "clock" | "log">,
  accountId: string,
  signed?: SignedDocument,
): Promise<{ endedAtJlis: boolean }> {
  const at = new Date(await jpki.now());
  await transaction(database, async (tx) => {
    await tx
      .updateTable("jlis_consents")
      .set({ state: "withdrawn", signed_sealed: null, changed_at: at })
      .where("account_id", "=", accountId)
      .where("state", "<>", "withdrawn")
      .execute();
    await withdrawContinuousConsents(tx, { accountIds: [accountId], at }, new Date(clock()));
  });
  if (!signed) return { endedAtJlis: false };
  try {
    const answer = await jpki.jlis.withdrawConsent(signed);
    return { endedAtJlis: "state" in answer && answer.state === "withdrawn" };
  } catch (error) {
    if (!(error instanceof JpkiError)) throw error;
    log.warn({ code: error.code }, "J-LIS was not told of a withdrawal");
    return { endedAtJlis: false };
  }
}
