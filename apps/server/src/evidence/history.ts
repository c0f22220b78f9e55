import { formatNoteKey } from "@xid/pki";
import type { EvidenceHistory } from "@xid/protocol";
import { sql } from "kysely";
import type { Platform } from "../platform.ts";
import { type EvidenceKind, readEvidence } from "./record.ts";

const pageSize = 20;

type Row = {
  account_id: string;
  evidence_id: string;
  kind: Exclude<EvidenceKind, "erasure">;
  record_sealed: Buffer;
  created_at: Date;
  logged: boolean;
};

/** The parts of a record that its holder sees in a list. */
type Shown = {
  shown?: { client: NonNullable<EvidenceHistory["acts"][number]["client"]> };
  consent?: { items: EvidenceHistory["acts"][number]["items"] };
};

/** A page of what an account's holder did, newest first, from behind the act that `before` names. */
export async function listActs(
  platform: Pick<Platform, "database" | "sealer" | "evidenceLog">,
  accountId: string,
  before?: string,
): Promise<EvidenceHistory> {
  const { rows } = await sql<Row>`
    SELECT e.account_id, e.evidence_id, e.kind, e.record_sealed, e.created_at,
      EXISTS (SELECT 1 FROM evidence_leaves l WHERE l.account_id = e.account_id AND l.evidence_id = e.evidence_id)
        AS logged
    FROM evidence e
    WHERE e.account_id = ${accountId}::uuid AND e.kind <> 'erasure' AND (${before ?? null}::uuid IS NULL OR (e.created_at, e.evidence_id) < (
      SELECT created_at, evidence_id FROM evidence
      WHERE account_id = ${accountId}::uuid AND evidence_id = ${before ?? null}::uuid))
    ORDER BY e.created_at DESC, e.evidence_id DESC LIMIT ${pageSize + 1}`.execute(platform.database);
  const page = rows.slice(0, pageSize);
  return {
    acts: page.map((row) => present(platform, row)),
    next: rows.length > pageSize ? page.at(-1)!.evidence_id : null,
    logKey: formatNoteKey(platform.evidenceLog.key),
  };
}

function present(platform: Pick<Platform, "sealer">, row: Row): EvidenceHistory["acts"][number] {
  const { shown, consent } = JSON.parse(readEvidence(platform, row).record.toString("utf8")) as Shown;
  return {
    evidenceId: row.evidence_id,
    kind: row.kind,
    client: shown ? { clientId: shown.client.clientId, name: shown.client.name, domain: shown.client.domain } : null,
    items: consent?.items ?? [],
    time: Math.floor(row.created_at.getTime() / 1000),
    logged: row.logged,
  };
}
