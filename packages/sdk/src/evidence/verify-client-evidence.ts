import {
  type JpkiSignatureCertificate,
  jpkiPolicies,
  PkiError,
  parseCertificate,
  parseJpkiSignatureCertificate,
} from "@xid/pki";
import {
  AmlMethod,
  ClientCertificate,
  type ClientDisclosure,
  ClientEvidence,
  ClientRecord,
  canonicalJson,
  contentDigest,
  fromBase64url,
  type ItemName,
  ProtocolError,
} from "@xid/protocol";
import { EvidenceError } from "./evidence-error.ts";
import { listsNamed } from "./revocation-lists.ts";
import { verifyCertificate, verifyStatus } from "./verify-certificate.ts";
import type { EvidenceTrust } from "./verify-evidence.ts";
import { commitmentOf, pairCommitment, type VerifiedLogProof, verifyLogProof } from "./verify-log-proof.ts";

/** What a relying party's evidence of an act shows. */
export type VerifiedClientEvidence = VerifiedLogProof & {
  kind: "client";
  record: ClientRecord;
  /** When the person agreed, by the platform's clock. */
  time: Date;
  /** The items that are shown, with the values that left. Others of the record are hidden. */
  items: Partial<Record<ItemName, unknown>>;
  /** The card's certificate, good at the time unless the record says otherwise, and naming the person as the items do. Null where it is not shown. */
  certificate: JpkiSignatureCertificate | null;
  statusCheckedAt: Date | null;
  /** Under the AML law, where it is shown. */
  method: AmlMethod | null;
};

/**
 * Verifies offline what a relying party was given of an act (`GET /v1/evidence/{id}`): that the log holds the record; that what is
 * shown is what stands behind its digests; and, where the card's certificate is shown, that it leads to a trusted authority,
 * was valid and good at the time, and names the person as name, birth date, sex and address do. Throws `EvidenceError`.
 *
 * Not checked: that the person approved, which the whole record proves, kept by the platform and the person and held to by the
 * same entry of the log; items that are derived (ages, parts of name and address) against the certificate.
 *
 * @param lists revocation lists that were too long to be in the file, DER
 */
export function verifyClientEvidence(
  file: unknown,
  trust: EvidenceTrust,
  lists: readonly Uint8Array[] = [],
): VerifiedClientEvidence {
  const parsed = ClientEvidence.safeParse(file);
  if (!parsed.success) throw new EvidenceError("MALFORMED", "not a relying party's evidence");
  try {
    return verifyFile(parsed.data, trust, lists);
  } catch (cause) {
    if (cause instanceof ProtocolError || cause instanceof PkiError || cause instanceof SyntaxError) {
      throw new EvidenceError("MALFORMED", "the record is not in its form", { cause });
    }
    throw cause;
  }
}

function verifyFile(file: ClientEvidence, trust: EvidenceTrust, given: readonly Uint8Array[]): VerifiedClientEvidence {
  const bytes = fromBase64url(file.record);
  const own = commitmentOf(fromBase64url(file.salt), bytes);
  const entry = pairCommitment(fromBase64url(file.counterpart), own);
  // Nothing of it is believed before the proof; only which stamp would be too early is its own to say.
  const record = parseRecord(bytes);
  const time = new Date(record.time);
  const proven = verifyLogProof(entry, file.log, trust, time);
  const shown = verifyDisclosures(record, file.disclosures);
  const items = Object.fromEntries(
    record.items.flatMap(({ name }) => (shown.has(name) ? [[name, shown.get(name)]] : [])),
  ) as VerifiedClientEvidence["items"];
  const base = { ...proven, kind: "client" as const, record, time, items };
  const method = shown.has("method") ? AmlMethod.parse(shown.get("method")) : null;
  if (!shown.has("certificate")) {
    listsNamed(file, undefined, given);
    return { ...base, certificate: null, statusCheckedAt: null, method };
  }
  const held = ClientCertificate.parse(shown.get("certificate"));
  const { identityChanged: changed } = record;
  const hasExpired = changed === "expired";
  const { notAfter } = parseCertificate(Buffer.from(held.certificate, "base64"));
  if (hasExpired && time <= notAfter) throw new EvidenceError("STATUS_UNPROVEN", "it had not expired");
  const path = verifyCertificate(held, {
    anchors: trust.cardAnchors,
    time: hasExpired ? notAfter : time,
    policies: [jpkiPolicies.signature],
  });
  const lists = listsNamed(file, held.status, given);
  const statusCheckedAt = hasExpired
    ? new Date(held.status.checkedAt)
    : verifyStatus(path, held.status, { act: time, lists, expected: changed === null ? "good" : "revoked" });
  const certificate = parseJpkiSignatureCertificate(path.certificate);
  requireSamePerson(items, certificate);
  return { ...base, certificate, statusCheckedAt, method };
}

function parseRecord(bytes: Uint8Array): ClientRecord {
  const value = JSON.parse(Buffer.from(bytes).toString("utf8")) as object;
  const parsed = ClientRecord.safeParse(value);
  if (!parsed.success || !Buffer.from(canonicalJson(value)).equals(bytes)) {
    throw new SyntaxError("not a record of this version");
  }
  return parsed.data;
}

/** By name. Each must stand behind one digest of the record, and nothing else may come along. */
function verifyDisclosures(record: ClientRecord, disclosures: readonly ClientDisclosure[]): Map<string, unknown> {
  const digests = new Map<string, string | null>([
    ...record.items.map(({ name, digest }) => [name, digest] as const),
    ["certificate", record.certificate],
    ["method", record.method],
  ]);
  const shown = new Map<string, unknown>();
  for (const { salt, name, value } of disclosures) {
    if (
      fromBase64url(salt).length !== 16 ||
      contentDigest([salt, name, value]) !== digests.get(name) ||
      shown.has(name)
    ) {
      throw new EvidenceError("STATEMENT_MISMATCH", "something is shown that the record does not say");
    }
    shown.set(name, value);
  }
  return shown;
}

function requireSamePerson(items: VerifiedClientEvidence["items"], certificate: JpkiSignatureCertificate): void {
  const { address } = items as { address?: { formatted?: unknown } };
  const pairs: [unknown, unknown][] = [
    [items.name, certificate.name],
    [items.birthdate, certificate.birthdate],
    [items.gender, certificate.gender],
    [address?.formatted, certificate.address],
  ];
  if (pairs.some(([item, said]) => item !== undefined && item !== said)) {
    throw new EvidenceError("STATEMENT_MISMATCH", "the certificate names another person than the items");
  }
}
