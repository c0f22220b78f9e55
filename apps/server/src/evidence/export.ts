import {
  attributeNames,
  type ClientDisclosure,
  type ClientEvidence,
  type EvidenceFile,
  type EvidenceLogProof,
  type EvidenceRecordFile,
  type EvidenceRevocationList,
  longestListWithin,
  type RequestKind,
  toBase64url,
} from "@xid/protocol";
import type { Selectable } from "kysely";
import type { Platform } from "../platform.ts";
import type { Tables } from "../store/database.ts";
import { openClientRecord } from "./client-record.ts";
import { proveRecord } from "./log.ts";
import { commitmentOf, readEvidence } from "./record.ts";

type Parts = Pick<Platform, "database" | "sealer" | "evidenceLog">;
type Row = Selectable<Tables["evidence"]>;

/** The parts of a record that say what else belongs to it. */
type References = { deviceId?: string; certificateStatus?: { kind: string; listDigest?: string } };

/**
 * The evidence of one act of an account, to be checked offline; with the record of the enrolment of the device that
 * decided. Undefined when the account has no such act. Who may have it is the caller's to know.
 */
export async function exportEvidence(
  parts: Parts,
  accountId: string,
  evidenceId: string,
): Promise<EvidenceFile | undefined> {
  const row = await findRow(parts, accountId, evidenceId);
  if (!row) return undefined;
  const act = await exportRecord(parts, row);
  const { deviceId } = referencesOf(parts, row);
  const enrolment = row.kind === "enrolment" || !deviceId ? undefined : await findEnrolment(parts, accountId, deviceId);
  return { format: "xid-evidence-v1", act, enrolment: enrolment ? await exportRecord(parts, enrolment) : null };
}

/** An act that was done for a client. Undefined when there is none of this id for it. */
export async function findActOfClient(
  parts: Parts,
  clientId: string,
  evidenceId: string,
): Promise<ActOfClient | undefined> {
  const row = await parts.database
    .selectFrom("evidence")
    .selectAll()
    .where("evidence_id", "=", evidenceId)
    .where("client_id", "=", clientId)
    .executeTakeFirst();
  return row && { accountId: row.account_id, kind: row.kind as RequestKind, row };
}

export type ActOfClient = { accountId: string; kind: RequestKind; row: Row };

/**
 * What the client may keep of an act done for it. Undefined when the act has no such record.
 *
 * @param whole whether its legal role lets it have the card's certificate, where that tells no more than was let go
 */
export async function exportClientEvidence(
  parts: Parts,
  { row }: ActOfClient,
  whole: boolean,
): Promise<ClientEvidence | undefined> {
  const opened = openClientRecord(parts, row);
  if (!opened) return undefined;
  const { salt, record } = readEvidence(parts, row);
  const withCertificate = whole && tellsNoMore(row.kind as RequestKind, opened.disclosures);
  const disclosures = opened.disclosures.filter(
    ({ name }) => (withCertificate || name !== "certificate") && (whole || name !== "method"),
  );
  const status = referencesOf(parts, row).certificateStatus;
  const [log, list] = await Promise.all([
    exportProof(parts, { accountId: row.account_id, evidenceId: row.evidence_id }),
    withCertificate && status?.listDigest !== undefined ? findList(parts, status.listDigest) : undefined,
  ]);
  return {
    format: "xid-client-evidence-v1",
    record: toBase64url(opened.record),
    salt: toBase64url(opened.salt),
    counterpart: toBase64url(commitmentOf(salt, record)),
    disclosures,
    log,
    revocationLists: list ? [list] : [],
  };
}

/** A card's certificate holds all four attributes: it goes with them, or with a card's own act, and never tells what was not let go. */
function tellsNoMore(kind: RequestKind, disclosures: readonly ClientDisclosure[]): boolean {
  const names = new Set(disclosures.map(({ name }) => name));
  return kind === "card_signature" || attributeNames.every((name) => names.has(name));
}

async function exportProof(
  parts: Parts,
  ids: { accountId: string; evidenceId: string },
): Promise<EvidenceLogProof | null> {
  const proven = await proveRecord(parts, parts.evidenceLog.name, ids);
  if (!proven) return null;
  const { index, size, proof, checkpoint, timestamp } = proven;
  return {
    index,
    size,
    proof: proof.map((hash) => toBase64url(hash)),
    checkpoint,
    timestamp: timestamp && {
      token: toBase64url(timestamp.token),
      revocationList: toBase64url(timestamp.list),
    },
  };
}

async function exportRecord(parts: Parts, row: Row): Promise<EvidenceRecordFile> {
  const { salt, record } = readEvidence(parts, row);
  const client = openClientRecord(parts, row);
  const { certificateStatus } = referencesOf(parts, row);
  const ids = { accountId: row.account_id, evidenceId: row.evidence_id };
  const [log, list] = await Promise.all([
    exportProof(parts, ids),
    certificateStatus?.listDigest === undefined ? undefined : findList(parts, certificateStatus.listDigest),
  ]);
  return {
    record: toBase64url(record),
    salt: toBase64url(salt),
    counterpart: client && toBase64url(commitmentOf(client.salt, client.record)),
    log,
    revocationLists: list ? [list] : [],
  };
}

function referencesOf(parts: Parts, row: Row): References {
  return JSON.parse(readEvidence(parts, row).record.toString("utf8")) as References;
}

function findRow({ database }: Parts, accountId: string, evidenceId: string): Promise<Row | undefined> {
  return database
    .selectFrom("evidence")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("evidence_id", "=", evidenceId)
    .where("kind", "<>", "erasure")
    .executeTakeFirst();
}

async function findEnrolment(parts: Parts, accountId: string, deviceId: string): Promise<Row | undefined> {
  const device = await parts.database
    .selectFrom("devices")
    .select("enrolment_evidence_id")
    .where("account_id", "=", accountId)
    .where("device_id", "=", deviceId)
    .executeTakeFirst();
  return device && findRow(parts, accountId, device.enrolment_evidence_id);
}

/** The list itself, or what it is called where it is too long to come along. */
async function findList({ database }: Parts, digest: string): Promise<EvidenceRevocationList | undefined> {
  const list = database.selectFrom("revocation_lists").where("digest", "=", Buffer.from(digest, "base64"));
  const row = await list
    .select(({ fn, eb }) => [
      fn<number>("octet_length", ["der"]).as("size"),
      eb
        .case()
        .when(fn<number>("octet_length", ["der"]), "<=", longestListWithin)
        .then(eb.ref("der"))
        .else(null)
        .end()
        .as("der"),
    ])
    .executeTakeFirst();
  if (!row) return undefined;
  return row.der?.toString("base64url") ?? { sha256: Buffer.from(digest, "base64").toString("hex"), size: row.size };
}
