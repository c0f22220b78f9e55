import type { ItemName } from "@xid/protocol";
import { sql } from "kysely";
import { type AttributeVersion, openAttributes } from "../attributes/attribute-version.ts";
import type { Platform } from "../platform.ts";
import { certificateContext, type StoredCertificate, type StoredStatus } from "./stored-certificate.ts";

/** The signature certificate that an account stands on: the one proven last. */
export type ProvenCertificate = {
  accountId: string;
  serialLookup: Buffer;
  status: string;
  statusCheckedAt: Date;
  notAfter: Date;
  /** When it was read from the card last. */
  linkedAt: Date;
  stored: StoredCertificate;
  statusEvidence: StoredStatus;
};

export type AccountState = {
  accountId: string;
  attributes: AttributeVersion;
  attributesVersion: number;
  certificate: ProvenCertificate;
  /** Until when the client of the request is told of changes; null where it is not. */
  toldUntil: Date | null;
  /** What the client of the request was granted before; empty without a request. */
  granted: ItemName[];
};

type Row = {
  version: number;
  attributes_sealed: Buffer;
  serial_lookup: Buffer;
  status: string;
  status_checked_at: Date;
  not_after: Date;
  linked_at: Date;
  certificate_sealed: Buffer;
  status_evidence_sealed: Buffer;
  granted: ItemName[] | null;
  told_until: Date | null;
};

/**
 * Newest attributes and certificate of an account, and what the client of a request may have of it, in one statement. An
 * account has the first two from its first day.
 */
export async function readAccountState(
  platform: Pick<Platform, "database" | "sealer">,
  accountId: string,
  requestId?: string,
): Promise<AccountState> {
  const { rows } = await sql<Row>`
    SELECT a.version, a.attributes_sealed, c.serial_lookup, c.status, c.status_checked_at, c.not_after, c.linked_at,
      c.certificate_sealed, c.status_evidence_sealed,
      (SELECT items FROM consents WHERE account_id = ${accountId}::uuid AND revoked_at IS NULL
        AND client_id = (SELECT client_id FROM requests WHERE request_id = ${requestId ?? null})) AS granted,
      (SELECT expires_at FROM continuous_consents WHERE account_id = ${accountId}::uuid AND ended_at IS NULL
        AND client_id = (SELECT client_id FROM requests WHERE request_id = ${requestId ?? null})) AS told_until
    FROM (SELECT * FROM attributes WHERE account_id = ${accountId}::uuid ORDER BY version DESC LIMIT 1) a,
      (SELECT * FROM certificates WHERE account_id = ${accountId}::uuid AND kind = 'signature' AND source = 'proof'
        ORDER BY linked_at DESC LIMIT 1) c`.execute(platform.database);
  const row = rows[0];
  if (!row) throw new TypeError("an account without attributes or certificate");
  const open = (column: "certificate_sealed" | "status_evidence_sealed") =>
    JSON.parse(
      platform.sealer.open(certificateContext(column, accountId, row.serial_lookup), row[column]).toString("utf8"),
    ) as unknown;
  return {
    accountId,
    attributes: openAttributes(platform, accountId, row.version, row.attributes_sealed),
    attributesVersion: row.version,
    certificate: {
      accountId,
      serialLookup: row.serial_lookup,
      status: row.status,
      statusCheckedAt: row.status_checked_at,
      notAfter: row.not_after,
      linkedAt: row.linked_at,
      stored: open("certificate_sealed") as StoredCertificate,
      statusEvidence: open("status_evidence_sealed") as StoredStatus,
    },
    toldUntil: row.told_until,
    granted: row.granted ?? [],
  };
}

/** The signature certificate that an account stands on, DER. */
export async function readProvenCertificate(
  { database, sealer }: Pick<Platform, "database" | "sealer">,
  accountId: string,
): Promise<Buffer> {
  const row = await database
    .selectFrom("certificates")
    .select(["serial_lookup", "certificate_sealed"])
    .where("account_id", "=", accountId)
    .where("kind", "=", "signature")
    .where("source", "=", "proof")
    .orderBy("linked_at", "desc")
    .limit(1)
    .executeTakeFirst();
  if (!row?.certificate_sealed) throw new TypeError("an account without certificate");
  const context = certificateContext("certificate_sealed", accountId, row.serial_lookup);
  const stored = JSON.parse(sealer.open(context, row.certificate_sealed).toString("utf8")) as StoredCertificate;
  return Buffer.from(stored.certificate, "base64");
}
