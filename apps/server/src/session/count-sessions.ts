import type { Platform } from "../platform.ts";

/** How many sign-ins of a person have not ended, by relying party. */
export async function countSessions(
  { database, clock }: Pick<Platform, "database" | "clock">,
  accountId: string,
): Promise<Map<string, number>> {
  const rows = await database
    .selectFrom("sessions")
    .select((select) => ["client_id", select.fn.countAll<string>().as("count")])
    .where("account_id", "=", accountId)
    .where("ended_at", "is", null)
    .where("expires_at", ">", new Date(clock()))
    .groupBy("client_id")
    .execute();
  return new Map(rows.map((row) => [row.client_id, Number(row.count)]));
}
