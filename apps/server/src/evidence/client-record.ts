import { createHash, randomBytes } from "node:crypto";
import {
  type AmlMethod,
  type BilingualText,
  type ClientCertificate,
  type ClientDisclosure,
  type ClientRecord,
  canonicalJson,
  contentDigest,
  type ItemName,
  type RequestKind,
  toBase64url,
} from "@xid/protocol";
import type { Platform } from "../platform.ts";
import type { Tables } from "../store/database.ts";

/** What a relying party may keep of an act. */
export type ClientRecordInput = {
  kind: RequestKind;
  requestedAt: Date;
  purpose: BilingualText;
  userVerification: ClientRecord["userVerification"];
  keyLevel: string;
  basis: NonNullable<ClientRecord["basis"]>;
  endToEnd: boolean;
  /** What the person let go, with the values that left; nothing where they left sealed. */
  items: readonly { name: ItemName; value: unknown }[];
  /** Of the card; null where the act rests on none. */
  certificate: ClientCertificate | null;
  identityChanged: string | null;
  method: AmlMethod;
};

/** A record with its salt and with what stands behind its digests. */
export type OpenedClientRecord = { salt: Buffer; record: Buffer; disclosures: ClientDisclosure[] };

/** The record of an act for its relying party, and the openings of its digests. */
export function makeClientRecord(
  input: ClientRecordInput,
  common: Pick<ClientRecord, "policyVersion" | "evidenceId" | "clientId" | "requestId" | "time">,
): OpenedClientRecord {
  const { items, certificate, method, requestedAt, basis, ...told } = input;
  const disclosures: ClientDisclosure[] = [];
  const hide = (name: string, value: unknown): string => {
    const disclosure = { salt: toBase64url(randomBytes(16)), name, value } as ClientDisclosure;
    disclosures.push(disclosure);
    return contentDigest([disclosure.salt, name, value]);
  };
  const record: ClientRecord = {
    version: 1,
    ...common,
    ...told,
    requestedAt: requestedAt.toISOString(),
    basis: certificate ? basis : null,
    certificateCheckedAt: certificate?.status.checkedAt ?? null,
    certificateCheckedBy: certificate?.status.kind ?? null,
    items: items.map(({ name, value }) => ({ name, digest: hide(name, value) })),
    certificate: certificate && hide("certificate", certificate),
    method: certificate && told.identityChanged === null ? hide("method", method) : null,
  };
  return { salt: randomBytes(32), record: Buffer.from(canonicalJson(record)), disclosures };
}

export function sealClientRecord(
  { sealer }: Pick<Platform, "sealer">,
  ids: { accountId: string; evidenceId: string },
  { salt, record, disclosures }: OpenedClientRecord,
): Buffer {
  const value = { salt: toBase64url(salt), record: toBase64url(record), disclosures };
  return sealer.seal(context(ids.accountId, ids.evidenceId), Buffer.from(JSON.stringify(value)));
}

/** Throws `SealerError`. Null where the act has none. */
export function openClientRecord(
  { sealer }: Pick<Platform, "sealer">,
  row: Pick<Tables["evidence"], "account_id" | "evidence_id" | "client_record_sealed">,
): OpenedClientRecord | null {
  if (!row.client_record_sealed) return null;
  const opened = sealer.open(context(row.account_id, row.evidence_id), row.client_record_sealed);
  const { salt, record, disclosures } = JSON.parse(opened.toString("utf8")) as {
    salt: string;
    record: string;
    disclosures: ClientDisclosure[];
  };
  return { salt: Buffer.from(salt, "base64url"), record: Buffer.from(record, "base64url"), disclosures };
}

/** What the log holds of two records of one act: neither can be changed, and each is shown without the other. */
export function pairCommitment(whole: Uint8Array, client: Uint8Array): Buffer {
  return createHash("sha256").update("xid-evidence-pair-v1\n").update(whole).update(client).digest();
}

function context(accountId: string, evidenceId: string): string {
  return `evidence.client_record_sealed:${accountId}.${evidenceId}`;
}
