import { createHash, randomUUID } from "node:crypto";
import { sql } from "kysely";
import { type ListedChange, readAttributeChanges } from "../attributes/attribute-changes.ts";
import { sealAttributes } from "../attributes/attribute-version.ts";
import { readConfig } from "../config.ts";
import { createLog } from "../http/log.ts";
import { certificateContext, serialLookup } from "../identity/stored-certificate.ts";
import { connectJpki } from "../jpki/jpki.ts";
import { openStore } from "../store/store.ts";
import { runSweep } from "./sweep.ts";

/** J-LIS's name for the consent of the person with a serial number, in a simulation that was filled in the same way. */
export function consentIdOf(serial: number): string {
  return createHash("sha256").update(`consent ${serial}`).digest("base64url");
}

/** Serial numbers as the JPKI writes them. */
export function serialText(serial: number): string {
  const hex = serial.toString(16);
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

const batch = 5000;

/**
 * For benchmarks: people who are enrolled and linked with one client that is told of their changes, without keys, cards or
 * certificates, one for each serial number from `first` on. Begins with a sweep of nobody, so that there is a mark.
 * Answers with our id at J-LIS.
 */
export async function createLinkedPeople(
  environment: Record<string, string | undefined>,
  { first, count, clientId }: { first: number; count: number; clientId: string },
): Promise<{ verifierId: string }> {
  const config = readConfig(environment);
  const log = createLog("silent");
  const store = await openStore(config, () => undefined);
  try {
    const jpki = await connectJpki(config, Date.now, log);
    await runSweep({ ...store, jpki, clock: Date.now, log });
    const parts = { database: store.database, sealer: store.sealer };
    for (let at = 0; at < count; at += batch) {
      await insertPeople(parts, { first: first + at, count: Math.min(batch, count - at), clientId });
    }
    await sql`ANALYZE`.execute(store.database);
    return { verifierId: jpki.verifierId };
  } finally {
    await store.close();
  }
}

/** For benchmarks: the whole list of changes of a client, page by page. Answers how many there were. */
export async function readWholeList(
  environment: Record<string, string | undefined>,
  clientId: string,
): Promise<{ changes: number; seconds: number }> {
  const config = readConfig(environment);
  const log = createLog("silent");
  const store = await openStore(config, () => undefined);
  try {
    const jpki = await connectJpki(config, Date.now, log);
    const began = performance.now();
    let changes = 0;
    for (let after = "0", more = true; more; ) {
      const page: { changes: ListedChange[]; next: string; more: boolean } = await readAttributeChanges(
        { ...store, jpki },
        clientId,
        { after, limit: 1000 },
      );
      changes += page.changes.length;
      after = page.next;
      more = page.more;
    }
    return { changes, seconds: (performance.now() - began) / 1000 };
  } finally {
    await store.close();
  }
}

type Parts = Parameters<typeof serialLookup>[0] & { database: Awaited<ReturnType<typeof openStore>>["database"] };

async function insertPeople(
  parts: Parts,
  { first, count, clientId }: { first: number; count: number; clientId: string },
): Promise<void> {
  const now = new Date();
  const later = new Date(now.getTime() + 4 * 365 * 86_400_000);
  const people = Array.from({ length: count }, (_, index) => {
    const accountId = randomUUID();
    const serial = serialText(first + index);
    const lookup = serialLookup(parts, "signature", serial);
    const attributes = {
      name: "山田　太郎",
      birthdate: "1980-02-17",
      gender: "male" as const,
      address: `東京都千代田区千代田${index}番`,
      nameSubstitutes: [],
      addressSubstitutes: [],
    };
    return {
      accountId,
      lookup,
      serialSealed: parts.sealer.seal(certificateContext("serial_sealed", accountId, lookup), serial),
      attributesSealed: sealAttributes(parts, accountId, 1, attributes),
      consentId: consentIdOf(first + index),
    };
  });
  const accounts = people.map(({ accountId }) => accountId);
  const lookups = people.map(({ lookup }) => lookup);
  const { database } = parts;
  await sql`INSERT INTO accounts SELECT unnest(${accounts}::uuid[]), ${now}`.execute(database);
  await sql`INSERT INTO certificate_accounts SELECT * FROM unnest(${lookups}::bytea[], ${accounts}::uuid[])`.execute(
    database,
  );
  await sql`
    INSERT INTO certificates (account_id, serial_lookup, kind, source, serial_sealed, not_after, status, status_checked_at, linked_at)
    SELECT account_id, lookup, 'signature', 'proof', sealed, ${later}, 'good', ${now}, ${now}
    FROM unnest(${accounts}::uuid[], ${lookups}::bytea[], ${people.map(({ serialSealed }) => serialSealed)}::bytea[])
      AS p (account_id, lookup, sealed)`.execute(database);
  await sql`
    INSERT INTO attributes SELECT account_id, 1, sealed, 'signature_certificate', lookup, ${now}
    FROM unnest(${accounts}::uuid[], ${lookups}::bytea[], ${people.map(({ attributesSealed }) => attributesSealed)}::bytea[])
      AS p (account_id, lookup, sealed)`.execute(database);
  await sql`
    INSERT INTO identity_states SELECT account_id, lookup, 'unchanged', NULL, NULL, ${now}, 'card'
    FROM unnest(${accounts}::uuid[], ${lookups}::bytea[]) AS p (account_id, lookup)`.execute(database);
  await sql`
    INSERT INTO jlis_consents SELECT account_id, 'valid', consent_id, NULL, ${now}
    FROM unnest(${accounts}::uuid[], ${people.map(({ consentId }) => consentId)}::text[]) AS p (account_id, consent_id)`.execute(
    database,
  );
  await sql`
    INSERT INTO consents (account_id, client_id, client_name, domain, items, granted_at, last_used_at)
    SELECT account_id, ${clientId}, '{"ja":"銀行","en":"Bank"}', 'bank.example', '{name,address}', ${now}, ${now}
    FROM unnest(${accounts}::uuid[]) AS p (account_id)`.execute(database);
  await sql`
    INSERT INTO continuous_consents SELECT account_id, ${clientId}, '{name,address}', '{"ja":"x","en":"x"}', ${now},
      ${later}, NULL, 0 FROM unnest(${accounts}::uuid[]) AS p (account_id)`.execute(database);
}
