import {
  type EvidenceFile,
  type EvidenceLogProof,
  type EvidenceReceipt,
  type EvidenceRecordFile,
  type EvidenceRevocationList,
  longestListWithin,
  type RequestKind,
  toBase64url,
} from "@xid/protocol";
import type { Selectable } from "kysely";
import type { Platform } from "../platform.ts";
import type { Tables } from "../store/database.ts";
import { proveRecord } from "./log.ts";
import { readEvidence } from "./record.ts";

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

/** Which client an act was done for. Undefined when the account has no such act. */
export async function clientOfAct(
  parts: Parts,
  accountId: string,
  evidenceId: string,
): Promise<ActOfClient | undefined> {
  const row = await findRow(parts, accountId, evidenceId);
  if (!row?.client_id || !row.request_id || row.kind === "enrolment") return undefined;
  const { client_id: clientId, request_id: requestId, commitment, created_at: time } = row;
  return { accountId, evidenceId, clientId, requestId, kind: row.kind as RequestKind, commitment, time };
}

export type ActOfClient = {
  accountId: string;
  evidenceId: string;
  clientId: string;
  requestId: string;
  kind: RequestKind;
  commitment: Buffer;
  time: Date;
};

/** What a party of an act may have without the record. */
export async function exportReceipt(parts: Parts, act: ActOfClient): Promise<EvidenceReceipt> {
  const { accountId, evidenceId, kind, requestId, time, commitment } = act;
  return {
    format: "xid-evidence-receipt-v1",
    evidenceId,
    kind,
    requestId,
    time: time.toISOString(),
    commitment: toBase64url(commitment),
    log: await exportProof(parts, { accountId, evidenceId }),
  };
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
  const { certificateStatus } = referencesOf(parts, row);
  const ids = { accountId: row.account_id, evidenceId: row.evidence_id };
  const [log, list] = await Promise.all([
    exportProof(parts, ids),
    certificateStatus?.listDigest === undefined ? undefined : findList(parts, certificateStatus.listDigest),
  ]);
  return {
    record: toBase64url(record),
    salt: toBase64url(salt),
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
