import { randomUUID } from "node:crypto";
import { type Selectable, sql } from "kysely";
import { withdrawContinuousConsents } from "../consent/continuous-consent.ts";
import { serialLookup } from "../identity/stored-certificate.ts";
import type { Platform } from "../platform.ts";
import { type DatabaseTransaction, type Tables, transaction } from "../store/database.ts";
import { Lease } from "../store/lease.ts";
import { askAboutIdentities, batchSize, openSerial } from "./ask-jlis.ts";
import { registerConsents } from "./jlis-consent.ts";
import { writeFindings } from "./write-findings.ts";

/** How many people are read at once to be asked about: what the sweep holds in memory. */
const pageSize = 5000;

const leaseName = "sweep";

export type SweepReport = {
  sweepId: string;
  /** Whether an earlier run had begun it. */
  resumed: boolean;
  /** Of how many people J-LIS was asked, how many may have changed, and how many had new attributes. */
  asked: number;
  changed: number;
  versions: number;
  /** Calls to J-LIS. */
  calls: number;
};

export type SweepParts = Pick<Platform, "database" | "sealer" | "jpki" | "clock" | "log">;

type Sweep = Selectable<Tables["sweeps"]>;

/**
 * Asks J-LIS, with the serial numbers of everybody's signature certificate, which of them may have changed since the last
 * sweep, then looks at those and at nobody else. One process at a time: `busy` while another one sweeps. A sweep that was
 * ended in the middle goes on where its last transaction stood. Throws `JpkiError`, and `LeaseLost` when it was so slow
 * that another process has taken over; nothing is lost either way.
 */
export async function runSweep(platform: SweepParts): Promise<SweepReport | "busy"> {
  const lease = await Lease.take(platform, leaseName);
  if (!lease) return "busy";
  try {
    const unfinished = await findUnfinished(platform);
    const sweep = unfinished ?? (await beginSweep(platform));
    if (sweep.state === "asking") await ask(platform, lease, sweep);
    await work(platform, lease, sweep.sweep_id);
    const { asked, changed, versions, calls } = await platform.database
      .selectFrom("sweeps")
      .selectAll()
      .where("sweep_id", "=", sweep.sweep_id)
      .executeTakeFirstOrThrow();
    return { sweepId: sweep.sweep_id, resumed: unfinished !== undefined, asked, changed, versions, calls };
  } finally {
    await lease.release();
  }
}

/** When everybody was last asked about, by the clock that certificates go by; undefined before the first time. */
export async function lastSweptAt({ database }: Pick<Platform, "database">): Promise<Date | undefined> {
  const { rows } = await sql<{ swept: Date | null }>`
    SELECT max(asked_at) AS swept FROM sweeps WHERE state = 'done'`.execute(database);
  return rows[0]?.swept ?? undefined;
}

function findUnfinished({ database }: SweepParts): Promise<Sweep | undefined> {
  return database.selectFrom("sweeps").selectAll().where("state", "<>", "done").executeTakeFirst();
}

async function beginSweep(platform: SweepParts): Promise<Sweep> {
  const last = await platform.database
    .selectFrom("sweeps")
    .select(["mark", "ended_mark"])
    .where("state", "=", "done")
    .orderBy("started_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return platform.database
    .insertInto("sweeps")
    .values({
      sweep_id: randomUUID(),
      state: "asking",
      mark_before: last?.mark ?? null,
      ended_mark: last?.ended_mark ?? "0",
      started_at: new Date(platform.clock()),
      asked_at: new Date(await platform.jpki.now()),
      asked: 0,
      changed: 0,
      versions: 0,
      calls: 0,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** From the question to the list of whom to look at. Whatever ends it in the middle, it is asked again as a whole. */
async function ask(platform: SweepParts, lease: Lease, sweep: Sweep): Promise<void> {
  const { jlis } = platform.jpki;
  const calls = jlis.calls;
  while ((await registerConsents(platform)) > 0);
  const endedMark = await readEndedConsents(platform, lease, Number(sweep.ended_mark));
  const markBefore = sweep.mark_before === null ? null : Number(sweep.mark_before);
  const question = (after: number | null) =>
    jlis.changes(after, serialsOfEverybody(platform), (serials) => listItems(platform, sweep.sweep_id, serials));
  let answer = await question(markBefore);
  // J-LIS counts on and never back: this is another one, such as a simulated world that was made anew.
  if (markBefore !== null && answer.mark < markBefore) answer = await question(null);
  await transaction(platform.database, async (tx) => {
    await lease.confirm(tx);
    const { rows } = await sql<{ listed: number }>`
      SELECT count(*)::integer AS listed FROM sweep_items WHERE sweep_id = ${sweep.sweep_id}::uuid`.execute(tx);
    await tx
      .updateTable("sweeps")
      .set({
        state: "working",
        mark: String(answer.mark),
        ended_mark: String(endedMark),
        asked: answer.asked,
        changed: rows[0]!.listed,
        calls: jlis.calls - calls,
      })
      .where("sweep_id", "=", sweep.sweep_id)
      .execute();
  });
}

/** Consents that people have withdrawn at J-LIS itself, which tells nobody. */
async function readEndedConsents(platform: SweepParts, lease: Lease, after: number): Promise<number> {
  for (let mark = after; ; ) {
    const page = await platform.jpki.jlis.endedConsents(mark);
    mark = page.mark;
    if (page.ended.length > 0) {
      const at = new Date(await platform.jpki.now());
      await transaction(platform.database, async (tx) => {
        await lease.confirm(tx);
        await endByName(
          tx,
          page.ended.map(({ consentId }) => consentId),
          { at, now: new Date(platform.clock()) },
        );
      });
    }
    if (!page.more) return mark;
  }
}

/** A consent that was replaced by a newer one is not found under its name any more. */
async function endByName(
  tx: DatabaseTransaction,
  consentIds: readonly string[],
  { at, now }: { at: Date; now: Date },
): Promise<void> {
  const ended = await sql<{ account_id: string }>`
    UPDATE jlis_consents SET state = 'ended', changed_at = ${at}
    WHERE consent_id = ANY(${consentIds}::text[]) AND state = 'valid' RETURNING account_id`.execute(tx);
  const accountIds = ended.rows.map(({ account_id }) => account_id);
  await withdrawContinuousConsents(tx, { accountIds, at }, now);
}

type Listed = { account_id: string; serial_lookup: Buffer; serial_sealed: Buffer; withdrawn: boolean };

/** Of those who let J-LIS be asked, in pages, by account. */
async function* serialsOfEverybody({ database, sealer }: SweepParts): AsyncGenerator<string[]> {
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    // The page is cut before anything is joined to it: joined whole tables would be read for each page.
    const { rows } = await sql<Listed>`
      SELECT s.account_id, s.serial_lookup, c.serial_sealed, j.state IS NOT DISTINCT FROM 'withdrawn' AS withdrawn
      FROM (
        SELECT account_id, serial_lookup FROM identity_states WHERE account_id > ${after}::uuid
        ORDER BY account_id LIMIT ${sql.lit(pageSize)}
      ) s
      JOIN LATERAL (
        SELECT serial_sealed FROM certificates WHERE account_id = s.account_id AND serial_lookup = s.serial_lookup
      ) c ON true
      LEFT JOIN LATERAL (SELECT state FROM jlis_consents WHERE account_id = s.account_id) j ON true
      ORDER BY s.account_id`.execute(database);
    const last = rows.at(-1);
    if (!last) return;
    yield rows.filter(({ withdrawn }) => !withdrawn).map((row) => openSerial(sealer, row));
    after = last.account_id;
  }
}

async function listItems(parts: SweepParts, sweepId: string, serials: readonly string[]): Promise<void> {
  const lookups = serials.map((serial) => serialLookup(parts, "signature", serial));
  await sql`
    INSERT INTO sweep_items (account_id, sweep_id)
    SELECT s.account_id, ${sweepId}::uuid
    FROM unnest(${lookups}::bytea[]) AS changed (serial_lookup)
    JOIN certificate_accounts a ON a.serial_lookup = changed.serial_lookup
    JOIN identity_states s ON s.account_id = a.account_id AND s.serial_lookup = changed.serial_lookup
    ON CONFLICT DO NOTHING`.execute(parts.database);
}

/** Batch by batch: what a batch finds, and that it is done, are written in one transaction. */
async function work(platform: SweepParts, lease: Lease, sweepId: string): Promise<void> {
  const { database, jpki } = platform;
  for (;;) {
    const items = await database
      .selectFrom("sweep_items")
      .select("account_id")
      .where("sweep_id", "=", sweepId)
      .orderBy("account_id")
      .limit(batchSize)
      .execute();
    const accountIds = items.map(({ account_id }) => account_id);
    const calls = jpki.jlis.calls;
    const findings = await askAboutIdentities(platform, accountIds);
    await transaction(database, async (tx) => {
      await lease.confirm(tx);
      const { versions } = await writeFindings(platform, tx, findings);
      await sql`
        DELETE FROM sweep_items WHERE sweep_id = ${sweepId}::uuid AND account_id = ANY(${accountIds}::uuid[])`.execute(
        tx,
      );
      await sql`
        UPDATE sweeps SET versions = versions + ${versions}, calls = calls + ${jpki.jlis.calls - calls},
          state = CASE WHEN ${items.length === 0} THEN 'done' ELSE state END,
          finished_at = CASE WHEN ${items.length === 0} THEN ${new Date(platform.clock())}::timestamptz END
        WHERE sweep_id = ${sweepId}::uuid`.execute(tx);
    });
    if (items.length === 0) return;
  }
}
