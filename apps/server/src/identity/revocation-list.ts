import type { StatusAnswer } from "../jpki/check-status.ts";
import type { Database } from "../store/database.ts";

/** Keeps the list that a status rests on, once: evidence names it by its digest. Nothing to do for OCSP. */
export async function keepRevocationList(database: Database, { evidence }: StatusAnswer, now: Date): Promise<void> {
  if (evidence.kind !== "crl") return;
  const known = await database
    .selectFrom("revocation_lists")
    .select("digest")
    .where("digest", "=", evidence.digest)
    .executeTakeFirst();
  if (known) return;
  await database
    .insertInto("revocation_lists")
    .values({ digest: evidence.digest, der: evidence.der, stored_at: now })
    .onConflict((conflict) => conflict.column("digest").doNothing())
    .execute();
}
