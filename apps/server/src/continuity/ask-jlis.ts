import { sql } from "kysely";
import { type AttributeVersion, openAttributes } from "../attributes/attribute-version.ts";
import { differingItems } from "../attributes/difference.ts";
import { type IdentityStatus, judgeIdentity } from "../identity/identity-status.ts";
import { certificateContext, serialLookup } from "../identity/stored-certificate.ts";
import {
  type CertificateName,
  type LatestAttributes,
  most,
  type Refusal,
  type SerialLinks,
} from "../jpki/jlis-client.ts";
import type { Platform } from "../platform.ts";
import type { Finding } from "./finding.ts";

/** How many people are asked about at once. */
export const batchSize = most.status;

type Parts = Pick<Platform, "database" | "sealer" | "jpki">;

type Row = {
  account_id: string;
  serial_lookup: Buffer;
  status: IdentityStatus["status"];
  reason: IdentityStatus["reason"];
  serial_sealed: Buffer;
  not_after: Date;
  consent_id: string | null;
  version: number;
  attributes_sealed: Buffer;
};

type Subject = Row & CertificateName;

/**
 * Asks J-LIS what has become of at most `batchSize` people: whether the certificate that each account stands on has been
 * revoked and why; of those of whom it has, which certificates they hold now; and their present attributes, as far as their
 * consent and a valid signature certificate allow. Whoever has withdrawn the consent is not asked about. Writes nothing.
 * Throws `JpkiError`.
 */
export async function askAboutIdentities(parts: Parts, accountIds: readonly string[]): Promise<Finding[]> {
  const subjects = await readSubjects(parts, accountIds);
  if (subjects.length === 0) return [];
  const { jlis } = parts.jpki;
  const checkedAt = new Date(await parts.jpki.now());
  const answers = await jlis.statusOfMany(subjects.map(nameOf));
  const ended = subjects.filter((_, index) => answers[index]!.status !== "good");
  const links = new Map<Subject, SerialLinks | null>();
  if (ended.length > 0) {
    const found = await jlis.linksOfMany(ended.map(nameOf));
    for (const [index, subject] of ended.entries()) links.set(subject, found[index]!);
  }
  const latest = await readLatest(parts, ended);
  return subjects.map((subject, index) => {
    const linksOfSubject = links.get(subject) ?? null;
    const certificate = { serial: subject.serial, notAfter: subject.not_after };
    const judged = judgeIdentity(certificate, answers[index]!, linksOfSubject, checkedAt);
    const attributes = latest.get(subject);
    return {
      accountId: subject.account_id,
      serialLookup: subject.serial_lookup,
      ...judged,
      checkedAt,
      isNews: judged.status !== subject.status || judged.reason !== subject.reason,
      linked: namedBy(parts, linksOfSubject),
      version: attributes && "attributes" in attributes ? toVersion(parts, subject, attributes) : null,
      consentEnded: attributes !== undefined && "refusal" in attributes && attributes.refusal.startsWith("CONSENT_"),
    };
  });
}

async function readSubjects({ database, sealer }: Parts, accountIds: readonly string[]): Promise<Subject[]> {
  const { rows } = await sql<Row>`
    SELECT s.account_id, s.serial_lookup, s.status, s.reason, c.serial_sealed, c.not_after,
      CASE WHEN j.state = 'valid' THEN j.consent_id END AS consent_id, a.version, a.attributes_sealed
    FROM unnest(${accountIds}::uuid[]) AS asked (account_id)
    JOIN identity_states s ON s.account_id = asked.account_id
    JOIN certificates c ON c.account_id = s.account_id AND c.serial_lookup = s.serial_lookup
    LEFT JOIN jlis_consents j ON j.account_id = s.account_id
    JOIN LATERAL (
      SELECT version, attributes_sealed FROM attributes WHERE account_id = s.account_id ORDER BY version DESC LIMIT 1
    ) a ON true
    WHERE j.state IS DISTINCT FROM 'withdrawn'`.execute(database);
  return rows.map((row) => ({
    ...row,
    kind: "signature",
    serial: openSerial(sealer, row),
  }));
}

/** The serial number of a row of `certificates`. */
export function openSerial(
  sealer: Platform["sealer"],
  row: { account_id: string; serial_lookup: Buffer; serial_sealed: Buffer },
): string {
  const context = certificateContext("serial_sealed", row.account_id, row.serial_lookup);
  return sealer.open(context, row.serial_sealed).toString("utf8");
}

function nameOf({ kind, serial }: Subject): CertificateName {
  return { kind, serial };
}

async function readLatest(
  { jpki: { jlis } }: Parts,
  subjects: readonly Subject[],
): Promise<Map<Subject, LatestAttributes | Refusal>> {
  const consenting = subjects.filter(({ consent_id }) => consent_id !== null);
  const chunks: Subject[][] = [];
  for (let at = 0; at < consenting.length; at += most.attributes)
    chunks.push(consenting.slice(at, at + most.attributes));
  const answers = await Promise.all(
    chunks.map((chunk) => jlis.attributes(chunk.map(({ consent_id }) => consent_id as string))),
  );
  const flat = answers.flat();
  return new Map(consenting.map((subject, index) => [subject, flat[index]!]));
}

function namedBy(parts: Parts, links: SerialLinks | null): Finding["linked"] {
  if (!links) return [];
  return [...links.current, ...links.previous.map((one) => ({ ...one, status: "unknown" }))].map(
    ({ kind, serial, status }) => ({ kind, serial, status, lookup: serialLookup(parts, kind, serial) }),
  );
}

/** Names are kept as they were received: substitute characters, variation selectors and private-use characters included. */
function toVersion(parts: Parts, subject: Subject, { attributes, certificate }: LatestAttributes): Finding["version"] {
  const { nameSubstitutes, addressSubstitutes, ...values } = attributes;
  const now: AttributeVersion = {
    ...values,
    nameSubstitutes: positions(nameSubstitutes),
    addressSubstitutes: positions(addressSubstitutes),
  };
  const known = openAttributes(parts, subject.account_id, subject.version, subject.attributes_sealed);
  const items = differingItems(known, now);
  if (items.length === 0) return null;
  const lookup = serialLookup(parts, "signature", certificate.serial);
  return { before: subject.version, items, attributes: now, lookup };
}

/** One digit for each character: 1 where it stands in for another. */
function positions(flags: string): number[] {
  return [...flags].flatMap((flag, position) => (flag === "1" ? [position] : []));
}
