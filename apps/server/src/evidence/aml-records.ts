import { parseCertificate } from "@xid/pki";
import { AmlMethod, type AmlRecord, ClientCertificate, ClientRecord } from "@xid/protocol";
import { type Selectable, sql } from "kysely";
import type { Platform } from "../platform.ts";
import type { Tables } from "../store/database.ts";
import { openClientRecord } from "./client-record.ts";
import { keptUntil } from "./retention.ts";

export type RecordsWanted = {
  clientId: string;
  /** What happened from here on, and before there. */
  from: Date;
  to: Date;
  /** The `next` of a page before. */
  after?: string | undefined;
  limit: number;
  /** Whether the client's legal role lets it have certificates of cards. */
  whole: boolean;
};

type Row = Selectable<Tables["evidence"]> & {
  leaf_index: string | null;
  ended_at: Date | null;
  held: boolean | null;
};

/** Lines of a client's record keeping in the order of their time, without the subject, which the caller knows. */
export async function readAmlRecords(
  { database, sealer }: Pick<Platform, "database" | "sealer">,
  { clientId, from, to, after, limit, whole }: RecordsWanted,
): Promise<{ records: { accountId: string; record: Omit<AmlRecord, "subject"> }[]; next: string | null }> {
  const [time, id] = parseCursor(after) ?? [from, "00000000-0000-0000-0000-000000000000"];
  const { rows } = await sql<Row>`
    SELECT e.*, l.leaf_index, r.ended_at, r.hold_sealed IS NOT NULL AS held
    FROM evidence e
    LEFT JOIN evidence_leaves l ON l.account_id = e.account_id AND l.evidence_id = e.evidence_id
    LEFT JOIN relationships r ON r.account_id = e.account_id AND r.client_id = e.client_id
    WHERE e.client_id = ${clientId} AND e.created_at >= ${from} AND e.created_at < ${to}
      AND (e.created_at, e.evidence_id) > (${time}, ${id}::uuid)
    ORDER BY e.created_at, e.evidence_id LIMIT ${limit + 1}`.execute(database);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    records: page.flatMap((row) => {
      const record = present({ sealer }, row, whole);
      return record ? [{ accountId: row.account_id, record }] : [];
    }),
    next: last && rows.length > limit ? `${last.created_at.getTime()}.${last.evidence_id}` : null,
  };
}

/** Undefined where it is not a cursor of ours. */
export function parseCursor(text: string | undefined): [Date, string] | undefined {
  const [, time, id] = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text ?? "") ?? [];
  return time !== undefined && id !== undefined ? [new Date(Number(time)), id] : undefined;
}

function present(parts: Pick<Platform, "sealer">, row: Row, whole: boolean): Omit<AmlRecord, "subject"> | undefined {
  const opened = openClientRecord(parts, row);
  if (!opened) return undefined;
  const said = ClientRecord.parse(JSON.parse(opened.record.toString("utf8")));
  const shown = new Map(opened.disclosures.map(({ name, value }) => [name, value]));
  const { evidenceId, requestId, kind, requestedAt, time, purpose, basis, identityChanged } = said;
  return {
    ...{ evidenceId, requestId, kind, requestedAt, time, purpose, basis, identityChanged },
    method: whole && shown.has("method") ? AmlMethod.parse(shown.get("method")) : null,
    certificate: whole && shown.has("certificate") ? referenceOf(shown.get("certificate")) : null,
    certificateCheckedAt: said.certificateCheckedAt,
    certificateCheckedBy: said.certificateCheckedBy,
    items: Object.fromEntries(said.items.map(({ name }) => [name, shown.get(name)])),
    userVerification: said.userVerification,
    keyLevel: said.keyLevel,
    logIndex: row.leaf_index === null ? null : Number(row.leaf_index),
    relationshipEndedAt: row.ended_at?.toISOString() ?? null,
    keptUntil: row.ended_at ? keptUntil(row.ended_at).toISOString() : null,
    legalHold: row.held === true,
  };
}

function referenceOf(value: unknown): NonNullable<AmlRecord["certificate"]> {
  const { certificate } = ClientCertificate.parse(value);
  const { issuer, serialNumber, notAfter } = parseCertificate(Buffer.from(certificate, "base64"));
  return { issuer: issuer.toString(), serial: serialNumber.toString("hex"), notAfter: notAfter.toISOString() };
}
