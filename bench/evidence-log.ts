import { generateKeyPairSync, randomUUID } from "node:crypto";
import { startEmbeddedPostgres } from "@xid/server/embedded-postgres";
import { auditEvidence } from "@xid/server/evidence/audit";
import { proveRecord } from "@xid/server/evidence/log";
import { recordEvidence } from "@xid/server/evidence/record";
import { sequence } from "@xid/server/evidence/sequencer";
import { openDatabase } from "@xid/server/store/database";
import { migrate, readMigrations } from "@xid/server/store/migrate";
import { loadSealer } from "@xid/server/store/sealer";
import { sql } from "kysely";
import type { Benchmark, Measurement } from "./benchmark.ts";
import { withDataDirectory } from "./installation.ts";
import { median } from "./median.ts";

const batch = 1000;
const entries = 20_000;
const proofsAtOnce = 8;
/** As long as the record of a sign-in. */
const content = { approval: "a".repeat(7000) };

/** The evidence log on a real PostgreSQL: entries appended, proofs and audited records per second, each beside what the database does alone. */
export const evidenceLog: Benchmark = ({ runs, say }) =>
  withDataDirectory(async (dataDirectory) => {
    const postgres = await startEmbeddedPostgres({ dataDirectory, log: () => undefined });
    const opened = openDatabase(postgres.connection);
    const { database } = opened;
    try {
      await migrate(database, await readMigrations());
      const sealer = await loadSealer(`${dataDirectory}/keys`);
      const key = { name: "bench.example/log", kind: "ed25519" as const, ...generateKeyPairSync("ed25519") };
      const parts = { database, sealer, clock: Date.now };
      const ids: { accountId: string; evidenceId: string }[] = [];
      const measured: Record<string, { own: number[]; reference: number[] }> = {};
      const note = (what: string, own: number, reference: number) => {
        measured[what] ??= { own: [], reference: [] };
        measured[what].own.push(own);
        measured[what].reference.push(reference);
        say(`${what}: ${own.toFixed(0)}, reference ${reference.toFixed(0)}`);
      };
      await sql`CREATE TABLE plain (account_id uuid, evidence_id uuid, commitment bytea, PRIMARY KEY (account_id, evidence_id))`.execute(
        database,
      );
      for (let run = 0; run < runs; run++) {
        for (let done = 0; done < entries; done += batch) {
          const rows = Array.from({ length: batch }, () =>
            recordEvidence(parts, {
              accountId: randomUUID(),
              kind: "sign_in",
              clientId: "bank",
              requestId: randomUUID(),
              time: Date.now(),
              content,
            }),
          );
          await database.insertInto("evidence").values(rows).execute();
          const queued = rows.map(({ account_id, evidence_id, commitment, created_at: queued_at }) => ({
            account_id,
            evidence_id,
            commitment,
            queued_at,
          }));
          await database.insertInto("evidence_queue").values(queued).execute();
          ids.push(...rows.map(({ account_id, evidence_id }) => ({ accountId: account_id, evidenceId: evidence_id })));
        }
        const appended = await perSecond(entries, async () => {
          while ((await sequence(parts, key)) > 0);
        });
        const plain = await perSecond(entries, async () => {
          for (let done = 0; done < entries; done += batch) {
            const of = ids.slice(-entries).slice(done, done + batch);
            await sql`INSERT INTO plain SELECT account_id, evidence_id, decode(repeat('00', 32), 'hex')
              FROM unnest(${of.map(({ accountId }) => accountId)}::uuid[], ${of.map(({ evidenceId }) => evidenceId)}::uuid[]) AS t (account_id, evidence_id)`.execute(
              database,
            );
          }
        });
        note("log entries appended, a thousand in a transaction", appended, plain);
        const some = Array.from({ length: 2000 }, (_, n) => ids[(n * 7919) % ids.length]!);
        const proofs = await perSecond(some.length, () => inParallel(some, (one) => proveRecord(parts, key.name, one)));
        const reads = await perSecond(some.length, () =>
          inParallel(some, ({ accountId, evidenceId }) =>
            database
              .selectFrom("evidence_leaves")
              .select("leaf_index")
              .where("account_id", "=", accountId)
              .where("evidence_id", "=", evidenceId)
              .executeTakeFirst(),
          ),
        );
        note("inclusion proofs, eight at a time", proofs, reads);
      }
      const begin = process.memoryUsage().rss;
      let records = 0;
      const seconds = await secondsOf(async () => {
        const running = auditEvidence(parts, { log: { name: key.name, kind: key.kind, publicKey: key.publicKey } });
        for (;;) {
          const { done, value } = await running.next();
          if (!done) throw new Error(`the audit found ${value.code}`);
          records = value.records;
          return;
        }
      });
      say(`the audit held ${((process.memoryUsage().rss - begin) / 1e6).toFixed(0)} MB more at its end`);
      const reading = await secondsOf(async () => {
        let after = ["00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000"];
        for (;;) {
          const { rows } = await sql<{ account_id: string; evidence_id: string }>`SELECT * FROM evidence
            WHERE (account_id, evidence_id) > (${after[0]}::uuid, ${after[1]}::uuid)
            ORDER BY account_id, evidence_id LIMIT 500`.execute(database);
          const last = rows.at(-1);
          if (!last) return;
          after = [last.account_id, last.evidence_id];
        }
      });
      note("records audited", records / seconds, records / reading);
      const references: Record<string, string> = {
        "log entries appended, a thousand in a transaction": "rows into a plain table, a thousand in a statement",
        "inclusion proofs, eight at a time": "reads of one row by its key",
        "records audited": "the same rows only read, 500 at a time",
      };
      return Object.entries(measured).map(
        ([what, { own, reference }]): Measurement => ({
          what,
          value: median(own),
          unit: "per s",
          runs: own,
          reference: { what: references[what]!, value: median(reference) },
        }),
      );
    } finally {
      await opened.close();
      await postgres.release();
    }
  });

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  return count / (await secondsOf(work));
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: proofsAtOnce }, lane));
}
