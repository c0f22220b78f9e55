import { ed25519 } from "@noble/curves/ed25519.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { type EvidenceFile, fromBase64url, sha256 } from "@xid/protocol";

/** What this device has verified by itself. */
export type VerifiedInclusion = {
  /** Number of the record's entry, from 0, and how many there are. */
  index: number;
  size: number;
  /** A time-stamping authority's token came along. It is not looked at here. */
  stamped: boolean;
  /** Names of others who signed the checkpoint. Their signatures are not looked at here. */
  others: string[];
};

export type InclusionProblem = "NOT_LOGGED" | "OTHER_LOG" | "NOT_INCLUDED";

/** The record is not, or not yet, shown to be in the log. */
export class InclusionError extends Error {
  readonly code: InclusionProblem;

  constructor(code: InclusionProblem) {
    super(code);
    this.name = "InclusionError";
    this.code = code;
  }
}

/**
 * Verifies on the device that the log, whose key it remembers, has committed to an act's record (C2SP tlog-checkpoint, RFC 9162
 * section 2.1.3.2). Throws `InclusionError`. What the record says, witnesses and time stamps are for `xid evidence verify`.
 */
export function verifyInclusion({ act }: EvidenceFile, logKey: string): VerifiedInclusion {
  const { log } = act;
  if (!log) throw new InclusionError("NOT_LOGGED");
  try {
    const { size, root, others } = verifyCheckpoint(log.checkpoint, logKey);
    const own = sha256(concatBytes(fromBase64url(act.salt), fromBase64url(act.record)));
    const pair = new TextEncoder().encode("xid-evidence-pair-v1\n");
    const entry = act.counterpart === null ? own : sha256(concatBytes(pair, own, fromBase64url(act.counterpart)));
    const leaf = sha256(concatBytes(Uint8Array.of(0), entry));
    const led = leadsTo(leaf, log.index, size, log.proof.map(fromBase64url));
    if (log.size !== size || !led || !equal(led, root)) throw new InclusionError("NOT_INCLUDED");
    return { index: log.index, size, stamped: log.timestamp !== null, others };
  } catch (error) {
    throw error instanceof InclusionError ? error : new InclusionError("NOT_INCLUDED");
  }
}

function verifyCheckpoint(note: string, logKey: string): { size: number; root: Uint8Array; others: string[] } {
  const split = note.lastIndexOf("\n\n");
  const text = note.slice(0, split + 1);
  const [origin, size, root] = text.split("\n");
  const [name, id, encoded] = logKey.split("+", 2).concat(logKey.split("+").slice(2).join("+"));
  const signatures = note
    .slice(split + 2)
    .split("\n")
    .flatMap((line) => {
      const [, signer, signed] = /^— (\S+) (\S+)$/.exec(line) ?? [];
      return signer && signed ? [{ signer, bytes: fromBase64(signed) }] : [];
    });
  const own = signatures.find(
    ({ signer, bytes }) => signer === name && hex(bytes.subarray(0, 4)) === id && bytes.length === 68,
  );
  const key = fromBase64(encoded ?? "");
  const isLog = origin === name && key.length === 33 && key[0] === 1;
  if (!isLog || !own || !ed25519.verify(own.bytes.subarray(4), new TextEncoder().encode(text), key.subarray(1))) {
    throw new InclusionError("OTHER_LOG");
  }
  if (!/^[1-9][0-9]{0,14}$/.test(size ?? "")) throw new InclusionError("NOT_INCLUDED");
  const others = signatures.filter((one) => one !== own).map(({ signer }) => signer);
  return { size: Number(size), root: fromBase64(root ?? ""), others };
}

/** RFC 9162 section 2.1.3.2: the root that a proof leads to. */
function leadsTo(leaf: Uint8Array, index: number, size: number, proof: Uint8Array[]): Uint8Array | undefined {
  if (index >= size) return undefined;
  const node = (left: Uint8Array, right: Uint8Array) => sha256(concatBytes(Uint8Array.of(1), left, right));
  let [position, last, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return undefined;
    if (position % 2 === 1 || position === last) {
      hash = node(sibling, hash);
      while (position % 2 === 0 && position !== 0) [position, last] = [position / 2, Math.floor(last / 2)];
    } else {
      hash = node(hash, sibling);
    }
    [position, last] = [Math.floor(position / 2), Math.floor(last / 2)];
  }
  return last === 0 ? hash : undefined;
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** All of it is public, so the time it takes tells nothing. */
function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
