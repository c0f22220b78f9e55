import { sql } from "kysely";
import { sealAttributes } from "../attributes/attribute-version.ts";
import { certificateContext } from "../identity/stored-certificate.ts";
import type { Platform } from "../platform.ts";
import type { DatabaseTransaction } from "../store/database.ts";
import { type AttributeChange, announceAttributes } from "./announce-attributes.ts";
import { announceStatus } from "./announce-status.ts";
import type { Finding } from "./finding.ts";

type Parts = Pick<Platform, "sealer" | "clock">;

/**
 * Writes what J-LIS said of many people, by sets, and tells those relying parties that may know. What a card has said in the
 * meantime stands. Answers how many people have new attributes. Repeatable: what is written already is no news.
 */
export async function writeFindings(
  parts: Parts,
  tx: DatabaseTransaction,
  findings: readonly Finding[],
): Promise<{ versions: number }> {
  const accounts = findings.map(({ accountId }) => accountId).sort();
  // In one order everywhere, so that two transactions wait for each other instead of blocking each other.
  await sql`SELECT FROM accounts WHERE account_id = ANY(${accounts}::uuid[]) ORDER BY account_id FOR UPDATE`.execute(
    tx,
  );
  const current = await writeStates(tx, findings);
  const standing = findings.filter(({ accountId }) => current.has(accountId));
  await writeCertificates(parts, tx, standing);
  const changes = await writeVersions(parts, tx, standing);
  await endConsents(tx, standing);
  const now = new Date(parts.clock());
  await announceStatus(
    tx,
    standing.filter(({ isNews }) => isNews),
    now,
  );
  await announceAttributes(tx, changes, now);
  return { versions: changes.length };
}

/** Answers which accounts still stand on the certificate that was asked about. */
async function writeStates(tx: DatabaseTransaction, findings: readonly Finding[]): Promise<Set<string>> {
  const { rows } = await sql<{ account_id: string }>`
    UPDATE identity_states s
    SET status = f.status, reason = f.reason, changed_at = f.changed_at, checked_at = f.checked_at, source = 'jlis'
    FROM unnest(
      ${findings.map(({ accountId }) => accountId)}::uuid[], ${findings.map(({ serialLookup }) => serialLookup)}::bytea[],
      ${findings.map(({ status }) => status)}::text[], ${findings.map(({ reason }) => reason)}::text[],
      ${findings.map(({ changedAt }) => changedAt)}::timestamptz[],
      ${findings.map(({ checkedAt }) => checkedAt)}::timestamptz[]
    ) AS f (account_id, serial_lookup, status, reason, changed_at, checked_at)
    WHERE s.account_id = f.account_id AND s.serial_lookup = f.serial_lookup AND s.checked_at <= f.checked_at
    RETURNING s.account_id`.execute(tx);
  return new Set(rows.map(({ account_id }) => account_id));
}

/** 新旧の紐付け: what leads to the account from now on. */
async function writeCertificates(
  { sealer }: Parts,
  tx: DatabaseTransaction,
  findings: readonly Finding[],
): Promise<void> {
  const rows = findings.flatMap(({ accountId, linked, checkedAt }) =>
    linked.map((one) => ({
      accountId,
      checkedAt,
      ...one,
      sealed: sealer.seal(certificateContext("serial_sealed", accountId, one.lookup), one.serial),
    })),
  );
  if (rows.length === 0) return;
  rows.sort((one, other) => Buffer.compare(one.lookup, other.lookup));
  const lookups = rows.map(({ lookup }) => lookup);
  const accounts = rows.map(({ accountId }) => accountId);
  await sql`
    INSERT INTO certificate_accounts (serial_lookup, account_id)
    SELECT * FROM unnest(${lookups}::bytea[], ${accounts}::uuid[])
    ON CONFLICT (serial_lookup) DO NOTHING`.execute(tx);
  await sql`
    INSERT INTO certificates
      (account_id, serial_lookup, kind, source, serial_sealed, status, status_checked_at, linked_at)
    SELECT account_id, serial_lookup, kind, 'jlis', serial_sealed, status, checked_at, checked_at FROM unnest(
      ${accounts}::uuid[], ${lookups}::bytea[], ${rows.map(({ kind }) => kind)}::text[],
      ${rows.map(({ sealed }) => sealed)}::bytea[], ${rows.map(({ status }) => status)}::text[],
      ${rows.map(({ checkedAt }) => checkedAt)}::timestamptz[]
    ) AS f (account_id, serial_lookup, kind, serial_sealed, status, checked_at)
    ON CONFLICT (account_id, serial_lookup) DO UPDATE
      SET status = excluded.status, status_checked_at = excluded.status_checked_at
      WHERE certificates.source = 'jlis'`.execute(tx);
}

async function writeVersions(
  parts: Parts,
  tx: DatabaseTransaction,
  findings: readonly Finding[],
): Promise<AttributeChange[]> {
  const rows = findings.flatMap(({ accountId, version, checkedAt }) => {
    if (!version) return [];
    const number = version.before + 1;
    const sealed = sealAttributes(parts, accountId, number, version.attributes);
    return [{ accountId, number, sealed, checkedAt, ...version }];
  });
  if (rows.length === 0) return [];
  // One that is there already came from the card in the meantime.
  const written = await sql<{ account_id: string }>`
    INSERT INTO attributes (account_id, version, attributes_sealed, source, serial_lookup, verified_at)
    SELECT account_id, version, attributes_sealed, 'jlis', serial_lookup, verified_at FROM unnest(
      ${rows.map(({ accountId }) => accountId)}::uuid[], ${rows.map(({ number }) => number)}::integer[],
      ${rows.map(({ sealed }) => sealed)}::bytea[], ${rows.map(({ lookup }) => lookup)}::bytea[],
      ${rows.map(({ checkedAt }) => checkedAt)}::timestamptz[]
    ) AS f (account_id, version, attributes_sealed, serial_lookup, verified_at)
    ON CONFLICT (account_id, version) DO NOTHING
    RETURNING account_id`.execute(tx);
  const accounts = new Set(written.rows.map(({ account_id }) => account_id));
  return rows
    .filter(({ accountId }) => accounts.has(accountId))
    .map(({ accountId, number, before, items, checkedAt }) => ({
      accountId,
      version: number,
      versionBefore: before,
      items,
      at: checkedAt,
    }));
}

async function endConsents(tx: DatabaseTransaction, findings: readonly Finding[]): Promise<void> {
  const ended = findings.filter(({ consentEnded }) => consentEnded).map(({ accountId }) => accountId);
  if (ended.length === 0) return;
  await sql`UPDATE jlis_consents SET state = 'ended' WHERE account_id = ANY(${ended}::uuid[]) AND state = 'valid'`.execute(
    tx,
  );
}
