import { type Certificate, PkiError, type VerifiedCheckpoint } from "@xid/pki";
import { canonicalJson, EvidenceFile, type EvidenceRecordFile, fromBase64url, ProtocolError } from "@xid/protocol";
import { EvidenceError } from "./evidence-error.ts";
import { type ActRecord, type EnrolmentRecord, EvidenceRecord } from "./records.ts";
import { listsNamed } from "./revocation-lists.ts";
import { type VerifiedCardSignature, verifyCardSignature } from "./verify-card-signature.ts";
import { type VerifiedDocumentSignature, verifyDocumentSignature } from "./verify-document-signature.ts";
import { type VerifiedEnrolment, verifyEnrolment } from "./verify-enrolment.ts";
import { commitmentOf, type ExistedBefore, type LogTrust, pairCommitment, verifyLogProof } from "./verify-log-proof.ts";
import { type VerifiedMyNumber, verifyMyNumber } from "./verify-my-number.ts";
import { type VerifiedSignIn, verifySignIn } from "./verify-sign-in.ts";

/** Whom the verifier believes, from a source of its own: nothing in the file is taken for trust. */
export type EvidenceTrust = LogTrust & {
  /** Authorities of the JPKI's signature certificates. */
  cardAnchors: readonly Certificate[];
  /** Roots of the platform's signing certificates. */
  signingAnchors: readonly Certificate[];
};

/** What the record of an approval shows, by kind. */
type VerifiedAct =
  | { kind: "sign_in"; signIn: VerifiedSignIn }
  | { kind: "card_signature"; cardSignature: VerifiedCardSignature }
  | { kind: "document_signature"; documentSignature: VerifiedDocumentSignature }
  | { kind: "identity_refresh"; refresh: VerifiedSignIn }
  | { kind: "my_number"; myNumber: VerifiedMyNumber };

export type VerifiedEvidence = ({ kind: "enrolment" } | VerifiedAct) & {
  enrolment: VerifiedEnrolment;
  evidenceId: string;
  /** By the platform's clock; the log's order, the witnesses' times and the time stamp bound it. */
  time: Date;
  checkpoint: VerifiedCheckpoint;
  existedBefore: ExistedBefore | null;
  record: EvidenceRecord;
};

/**
 * Verifies an evidence file offline: that the record is what the log committed to, under a checkpoint of the trusted log;
 * that the card, and the device that it signed for, signed what the record says; that the certificates were valid and
 * good at the time. Throws `EvidenceError`, or returns what is proven.
 *
 * Not checked: the time itself, beyond that certificates and answers about them fit and that it is not after the time
 * stamp; and that the log shows everybody the same tree, for which witnesses sign.
 *
 * @param lists revocation lists that were too long to be in the file, DER
 */
export function verifyEvidence(
  file: unknown,
  trust: EvidenceTrust,
  lists: readonly Uint8Array[] = [],
): VerifiedEvidence {
  const parsed = EvidenceFile.safeParse(file);
  if (!parsed.success) throw new EvidenceError("MALFORMED", "not an evidence file");
  try {
    return verifyFile(parsed.data, trust, lists);
  } catch (cause) {
    // What the record holds is out of its form, though somebody committed to it.
    if (
      cause instanceof ProtocolError ||
      cause instanceof PkiError ||
      cause instanceof SyntaxError ||
      isKeyError(cause)
    ) {
      throw new EvidenceError("MALFORMED", "the record is not in its form", { cause });
    }
    throw cause;
  }
}

function verifyFile(
  { act, enrolment }: EvidenceFile,
  trust: EvidenceTrust,
  given: readonly Uint8Array[],
): VerifiedEvidence {
  const { record, ...proven } = verifyRecord(act, trust);
  const common = { evidenceId: record.evidenceId, time: new Date(record.time), ...proven, record };
  const lists = listsNamed(act, record.certificateStatus, given);
  if (record.kind === "enrolment") {
    if (enrolment) throw new EvidenceError("MALFORMED", "an enrolment comes alone");
    return { ...common, kind: "enrolment", enrolment: verifyEnrolment(record, { ...trust, lists }) };
  }
  if (!enrolment) throw new EvidenceError("DEVICE_UNPROVEN", "the enrolment of the device is not here");
  const { record: enrolled } = verifyRecord(enrolment, trust);
  if (enrolled.kind !== "enrolment") throw new EvidenceError("DEVICE_UNPROVEN", "not the record of an enrolment");
  const verified = verifyEnrolment(enrolled, {
    ...trust,
    lists: listsNamed(enrolment, enrolled.certificateStatus, given),
  });
  const by = { record: enrolled, verified };
  const verifyAct = acts[record.kind] as VerifyAct<ActRecord["kind"]>;
  return { ...common, enrolment: verified, ...verifyAct(record, by, { ...trust, lists }) };
}

type VerifyAct<K extends ActRecord["kind"]> = (
  record: Extract<ActRecord, { kind: K }>,
  enrolment: { record: EnrolmentRecord; verified: VerifiedEnrolment },
  trust: EvidenceTrust & { lists: readonly Uint8Array[] },
) => Extract<VerifiedAct, { kind: K }>;

const acts: { [K in ActRecord["kind"]]: VerifyAct<K> } = {
  sign_in: (...act) => ({ kind: "sign_in", signIn: verifySignIn(...act) }),
  card_signature: (...act) => ({ kind: "card_signature", cardSignature: verifyCardSignature(...act) }),
  document_signature: (...act) => ({
    kind: "document_signature",
    documentSignature: verifyDocumentSignature(...act),
  }),
  identity_refresh: (...act) => ({ kind: "identity_refresh", refresh: verifySignIn(...act) }),
  my_number: (...act) => ({ kind: "my_number", myNumber: verifyMyNumber(...act) }),
};

/** The record, once it is shown to be what the log committed to. */
function verifyRecord(
  file: EvidenceRecordFile,
  trust: EvidenceTrust,
): { record: EvidenceRecord; checkpoint: VerifiedCheckpoint; existedBefore: ExistedBefore | null } {
  const bytes = fromBase64url(file.record);
  const own = commitmentOf(fromBase64url(file.salt), bytes);
  const commitment = file.counterpart === null ? own : pairCommitment(own, fromBase64url(file.counterpart));
  // Nothing of the record is believed before its proof, but which stamp is too early is for the record to say.
  const record = parseOrUndefined(bytes);
  const proven = verifyLogProof(commitment, file.log, trust, record ? new Date(record.time) : new Date(0));
  return { record: record ?? parseRecord(bytes), ...proven };
}

function parseOrUndefined(bytes: Uint8Array): EvidenceRecord | undefined {
  try {
    return parseRecord(bytes);
  } catch {
    return undefined;
  }
}

function parseRecord(bytes: Uint8Array): EvidenceRecord {
  const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as object;
  // One record has one form: nothing in it can be read in two ways.
  if (!Buffer.from(canonicalJson(value)).equals(bytes)) throw new SyntaxError("not canonical JSON");
  const parsed = EvidenceRecord.safeParse(value);
  if (!parsed.success) throw new SyntaxError("not a record of this version");
  return parsed.data;
}

/** node:crypto on a JWK that is no point of its curve, TextDecoder on bytes that are no text. */
function isKeyError(error: unknown): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && /^ERR_(CRYPTO_INVALID_JWK|OSSL|ENCODING)/.test(code);
}
