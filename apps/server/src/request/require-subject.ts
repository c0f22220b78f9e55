import { DocumentError } from "../document/document-error.ts";
import type { Platform } from "../platform.ts";

/** A place that is kept for one person, by the subject that the relying party knows them by. Throws `OTHER_SIGNER`. */
export async function requireSubject(
  { database }: Pick<Platform, "database">,
  subject: string,
  accountId: string,
): Promise<void> {
  const known = await database
    .selectFrom("subjects")
    .select("subject")
    .where("subject", "=", subject)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  if (!known) throw new DocumentError("OTHER_SIGNER");
}
