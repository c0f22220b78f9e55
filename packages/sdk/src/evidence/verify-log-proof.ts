import { createHash } from "node:crypto";
import {
  type Certificate,
  leafHash,
  type NoteKey,
  PkiError,
  parseSignedNote,
  readTimestampTime,
  type VerifiedCheckpoint,
  verifyCheckpoint,
  verifyInclusion,
  verifyTimestamp,
} from "@xid/pki";
import { type EvidenceLogProof, fromBase64url } from "@xid/protocol";
import { EvidenceError } from "./evidence-error.ts";

/** Whom to believe about the log. */
export type LogTrust = {
  log: NoteKey;
  witnesses?: readonly NoteKey[];
  /** How many of the witnesses must have signed the checkpoint. */
  quorum?: number;
  /** Roots of time-stamping authorities. Where there are any, a checkpoint without a stamp is refused; without, stamps are not looked at. */
  timestampAnchors?: readonly Certificate[];
};

export type VerifiedLogProof = {
  checkpoint: VerifiedCheckpoint;
  /** What is in the log existed at this time, by a trusted authority's clock. Null where the trust names no authority. */
  existedBefore: ExistedBefore | null;
};

export type ExistedBefore = {
  time: Date;
  /** Milliseconds by which `time` may be wrong. */
  accuracy: number;
  /** Subject of the authority's certificate. */
  authority: string;
};

/** How far the clocks of an act and of the authority may be apart, in milliseconds. */
const clockSkew = 60_000;

/**
 * Verifies that the log holds a commitment, under a checkpoint that the log, enough witnesses and, where the trust names one, a
 * time-stamping authority have signed. Throws `EvidenceError`: `NOT_LOGGED`, `CHECKPOINT_UNTRUSTED`, `LOG_PROOF_INVALID`,
 * `NOT_STAMPED`, `TIMESTAMP_INVALID`.
 *
 * The authority is judged at the time of its token, by the list that came with it: not checked is whether its key was lost
 * since, nor that its algorithms still hold.
 *
 * @param acted what was committed to says that it happened then: a stamp from before is none of it
 */
export function verifyLogProof(
  commitment: Uint8Array,
  proof: EvidenceLogProof | null,
  trust: LogTrust,
  acted: Date,
): VerifiedLogProof {
  if (!proof) throw new EvidenceError("NOT_LOGGED", "the log does not hold the record yet");
  const checkpoint = verifyLogCheckpoint(proof.checkpoint, trust);
  const { index, size } = proof;
  if (size !== checkpoint.size) throw new EvidenceError("LOG_PROOF_INVALID", "the proof is for another checkpoint");
  try {
    const { root } = checkpoint;
    verifyInclusion({ leaf: leafHash(commitment), index, size, root, proof: proof.proof.map(fromBase64url) });
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw new EvidenceError("LOG_PROOF_INVALID", "the log does not hold this record", { cause });
  }
  return { checkpoint, existedBefore: verifyStamp(proof, trust, acted) };
}

/** SHA-256(salt ‖ record). Throws `EvidenceError` `MALFORMED` where the salt is not one. */
export function commitmentOf(salt: Uint8Array, record: Uint8Array): Buffer {
  if (salt.length !== 32) throw new EvidenceError("MALFORMED", "a salt has 32 bytes");
  return createHash("sha256").update(salt).update(record).digest();
}

/** What the log holds of an act of which the relying party has a record, too. */
export function pairCommitment(whole: Uint8Array, client: Uint8Array): Buffer {
  if (whole.length !== 32 || client.length !== 32) throw new EvidenceError("MALFORMED", "a commitment has 32 bytes");
  return createHash("sha256").update("xid-evidence-pair-v1\n").update(whole).update(client).digest();
}

function verifyLogCheckpoint(note: string, { log, witnesses = [], quorum = 0 }: LogTrust): VerifiedCheckpoint {
  try {
    return verifyCheckpoint(note, { log, witnesses, quorum });
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw new EvidenceError("CHECKPOINT_UNTRUSTED", `checkpoint: ${cause.code}`, { cause });
  }
}

function verifyStamp(
  { checkpoint, timestamp }: EvidenceLogProof,
  { timestampAnchors: anchors = [] }: LogTrust,
  acted: Date,
): ExistedBefore | null {
  if (anchors.length === 0) return null;
  if (!timestamp) throw new EvidenceError("NOT_STAMPED", "nobody has stamped the checkpoint yet");
  const token = fromBase64url(timestamp.token);
  try {
    const time = new Date(readTimestampTime(token));
    const stamp = verifyTimestamp(token, {
      content: Buffer.from(parseSignedNote(checkpoint).text, "utf8"),
      anchors,
      time,
      // The list may be a moment younger than the token.
      now: new Date(time.getTime() + 24 * 3_600_000),
      revocation: { ocspResponses: [], crls: [fromBase64url(timestamp.revocationList)], maxAge: 0 },
    });
    if (stamp.time.getTime() < acted.getTime() - clockSkew) {
      throw new EvidenceError("TIMESTAMP_INVALID", "the time stamp is of before the act");
    }
    const { accuracy, path } = stamp;
    return { time: stamp.time, accuracy, authority: path.certificate.subject.toString() };
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw new EvidenceError("TIMESTAMP_INVALID", `time stamp: ${cause.code}`, { cause });
  }
}
