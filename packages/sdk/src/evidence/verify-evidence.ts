import { createHash } from "node:crypto";
import {
  type Certificate,
  leafHash,
  type NoteKey,
  PkiError,
  type VerifiedCheckpoint,
  verifyCheckpoint,
  verifyInclusion,
} from "@xid/pki";
import { canonicalJson, EvidenceFile, type EvidenceRecordFile, fromBase64url, ProtocolError } from "@xid/protocol";
import { EvidenceError } from "./evidence-error.ts";
import { type EnrolmentRecord, EvidenceRecord } from "./records.ts";
import { type VerifiedCardSignature, verifyCardSignature } from "./verify-card-signature.ts";
import { type VerifiedEnrolment, verifyEnrolment } from "./verify-enrolment.ts";
import { type VerifiedSignIn, verifySignIn } from "./verify-sign-in.ts";

/** Whom the verifier believes, from a source of its own: nothing in the file is taken for trust. */
export type EvidenceTrust = {
  /** Authorities of the JPKI's signature certificates. */
  cardAnchors: readonly Certificate[];
  /** Roots of the platform's signing certificates. */
  signingAnchors: readonly Certificate[];
  log: NoteKey;
  witnesses?: readonly NoteKey[];
  /** How many of the witnesses must have signed the checkpoint. */
  quorum?: number;
};

/** What the record of an approval shows, by kind. */
type VerifiedAct =
  | { kind: "sign_in"; signIn: VerifiedSignIn }
  | { kind: "card_signature"; cardSignature: VerifiedCardSignature };

export type VerifiedEvidence = ({ kind: "enrolment" } | VerifiedAct) & {
  enrolment: VerifiedEnrolment;
  evidenceId: string;
  /** By the platform's clock; the log's order and the witnesses' times bound it. */
  time: Date;
  checkpoint: VerifiedCheckpoint;
  record: EvidenceRecord;
};

/**
 * Verifies an evidence file offline: that the record is what the log committed to, under a checkpoint of the trusted log;
 * that the card, and the device that it signed for, signed what the record says; that the certificates were valid and
 * good at the time. Throws `EvidenceError`, or returns what is proven.
 *
 * Not checked: the time itself, beyond that certificates and answers about them fit; and that the log shows everybody
 * the same tree, for which witnesses sign.
 */
export function verifyEvidence(file: unknown, trust: EvidenceTrust): VerifiedEvidence {
  const parsed = EvidenceFile.safeParse(file);
  if (!parsed.success) throw new EvidenceError("MALFORMED", "not an evidence file");
  try {
    return verifyFile(parsed.data, trust);
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

function verifyFile({ act, enrolment }: EvidenceFile, trust: EvidenceTrust): VerifiedEvidence {
  const { record, checkpoint } = verifyRecord(act, trust);
  const common = { evidenceId: record.evidenceId, time: new Date(record.time), checkpoint, record };
  const lists = act.revocationLists.map(fromBase64url);
  if (record.kind === "enrolment") {
    return { ...common, kind: "enrolment", enrolment: verifyEnrolment(record, { ...trust, lists }) };
  }
  if (!enrolment) throw new EvidenceError("DEVICE_UNPROVEN", "the enrolment of the device is not here");
  const { record: enrolled } = verifyRecord(enrolment, trust);
  if (enrolled.kind !== "enrolment") throw new EvidenceError("DEVICE_UNPROVEN", "not the record of an enrolment");
  const verified = verifyEnrolment(enrolled, { ...trust, lists: enrolment.revocationLists.map(fromBase64url) });
  const by = { record: enrolled, verified };
  const verifyAct = acts[record.kind] as VerifyAct<ActRecord["kind"]>;
  return { ...common, enrolment: verified, ...verifyAct(record, by, { ...trust, lists }) };
}

type ActRecord = Exclude<EvidenceRecord, { kind: "enrolment" }>;

type VerifyAct<K extends ActRecord["kind"]> = (
  record: Extract<ActRecord, { kind: K }>,
  enrolment: { record: EnrolmentRecord; verified: VerifiedEnrolment },
  trust: EvidenceTrust & { lists: readonly Uint8Array[] },
) => Extract<VerifiedAct, { kind: K }>;

const acts: { [K in ActRecord["kind"]]: VerifyAct<K> } = {
  sign_in: (...act) => ({ kind: "sign_in", signIn: verifySignIn(...act) }),
  card_signature: (...act) => ({ kind: "card_signature", cardSignature: verifyCardSignature(...act) }),
};

/** The record, once it is shown to be what the log committed to. */
function verifyRecord(
  file: EvidenceRecordFile,
  trust: EvidenceTrust,
): { record: EvidenceRecord; checkpoint: VerifiedCheckpoint } {
  const bytes = fromBase64url(file.record);
  if (!file.log) throw new EvidenceError("NOT_LOGGED", "the log does not hold the record yet");
  const checkpoint = verifyLogCheckpoint(file.log.checkpoint, trust);
  const commitment = createHash("sha256").update(fromBase64url(file.salt)).update(bytes).digest();
  const { index, size, proof } = file.log;
  if (size !== checkpoint.size) throw new EvidenceError("LOG_PROOF_INVALID", "the proof is for another checkpoint");
  try {
    const { root } = checkpoint;
    verifyInclusion({ leaf: leafHash(commitment), index, size, root, proof: proof.map(fromBase64url) });
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw new EvidenceError("LOG_PROOF_INVALID", "the log does not hold this record", { cause });
  }
  return { record: parseRecord(bytes), checkpoint };
}

function verifyLogCheckpoint(note: string, { log, witnesses = [], quorum = 0 }: EvidenceTrust): VerifiedCheckpoint {
  try {
    return verifyCheckpoint(note, { log, witnesses, quorum });
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw new EvidenceError("CHECKPOINT_UNTRUSTED", `checkpoint: ${cause.code}`, { cause });
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
