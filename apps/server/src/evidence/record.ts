import { createHash, randomBytes, randomUUID } from "node:crypto";
import { canonicalJson, type RequestKind } from "@xid/protocol";
import type { Platform } from "../platform.ts";
import type { DatabaseTransaction, Tables } from "../store/database.ts";
import { type ClientRecordInput, makeClientRecord, pairCommitment, sealClientRecord } from "./client-record.ts";

/** The policy under which the platform verified and decided; goes into every record. */
export const policyVersion = "2026-11";

const recordVersion = 1;

export type EvidenceKind = "enrolment" | RequestKind | "erasure";

export type EvidenceInput = {
  accountId: string;
  kind: EvidenceKind;
  clientId: string | null;
  requestId: string | null;
  /** Milliseconds since 1970. */
  time: number;
  /** What the relying party may keep of it. */
  clientRecord?: ClientRecordInput;
  /** What was signed and shown, with everything that is needed to check it again offline. JSON values only. */
  content: Record<string, unknown>;
};

/**
 * Makes the evidence of one act, ready to be inserted in the transaction that does the act. The record is canonical
 * JSON, sealed together with its salt; `commitment` = SHA-256(salt ‖ record) tells nothing about it without the salt, and where the
 * relying party has a record of its own covers both (`pairCommitment`).
 */
export function recordEvidence({ sealer }: Pick<Platform, "sealer">, input: EvidenceInput): Tables["evidence"] {
  const { accountId, kind, clientId, requestId, time, content, clientRecord } = input;
  const evidenceId = randomUUID();
  const createdAt = new Date(time);
  const record = canonicalJson({
    version: recordVersion,
    policyVersion,
    evidenceId,
    kind,
    accountId,
    ...(clientId === null ? {} : { clientId }),
    ...(requestId === null ? {} : { requestId }),
    time: createdAt.toISOString(),
    ...content,
  });
  const salt = randomBytes(saltLength);
  const client =
    clientRecord && clientId !== null && requestId !== null
      ? makeClientRecord(clientRecord, {
          policyVersion,
          evidenceId,
          clientId,
          requestId,
          time: createdAt.toISOString(),
        })
      : null;
  const own = commitmentOf(salt, record);
  return {
    account_id: accountId,
    evidence_id: evidenceId,
    kind,
    client_id: clientId,
    request_id: requestId,
    record_sealed: sealer.seal(context(accountId, evidenceId), Buffer.concat([salt, record])),
    client_record_sealed: client && sealClientRecord({ sealer }, { accountId, evidenceId }, client),
    commitment: client ? pairCommitment(own, commitmentOf(client.salt, client.record)) : own,
    created_at: createdAt,
  };
}

/** Writes the record and puts its commitment in the queue of the log, in the transaction of the act. */
export async function insertEvidence(tx: DatabaseTransaction, evidence: Tables["evidence"]): Promise<void> {
  const { account_id, evidence_id, commitment, created_at } = evidence;
  await tx.insertInto("evidence").values(evidence).execute();
  await tx
    .insertInto("evidence_queue")
    .values({ account_id, evidence_id, commitment, queued_at: created_at })
    .execute();
}

/** Opens what `recordEvidence` sealed. Throws `SealerError`; the commitment is not compared. */
export function readEvidence(
  { sealer }: Pick<Platform, "sealer">,
  row: Pick<Tables["evidence"], "account_id" | "evidence_id" | "record_sealed">,
): { salt: Buffer; record: Buffer } {
  const opened = sealer.open(context(row.account_id, row.evidence_id), row.record_sealed);
  return { salt: opened.subarray(0, saltLength), record: opened.subarray(saltLength) };
}

/** SHA-256(salt ‖ record). */
export function commitmentOf(salt: Uint8Array, record: Uint8Array): Buffer {
  return createHash("sha256").update(salt).update(record).digest();
}

const saltLength = 32;

function context(accountId: string, evidenceId: string): string {
  return `evidence.record_sealed:${accountId}.${evidenceId}`;
}
