import { PkiError } from "../pki-error.ts";
import { hashLength } from "./merkle-tree.ts";
import { type NoteKey, noteKeyId, parseSignedNote, verifyNote } from "./signed-note.ts";

/** What a log says of itself at one moment: so many leaves, under this root. */
export type Checkpoint = {
  /** The log's name: a URL without scheme. */
  origin: string;
  size: number;
  root: Buffer;
};

/** A checkpoint whose log, and whose witnesses, signed it. `time`: seconds since 1970, by the witness's clock. */
export type VerifiedCheckpoint = Checkpoint & { witnesses: { name: string; time: number }[] };

/** C2SP tlog-checkpoint: the text that is signed. Throws TypeError for an origin that does not fit on one line. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (!/^[^\s+]+$/.test(origin)) throw new TypeError("an origin has neither spaces nor plus signs");
  return `${origin}\n${size}\n${root.toString("base64")}\n`;
}

/**
 * Verifies a signed checkpoint: the log's own signature, and at least `quorum` of the witnesses'.
 * Throws `MALFORMED`, `UNTRUSTED` (another log, an absent signature, too few witnesses), `SIGNATURE_INVALID`.
 * Whether it is the newest one, or follows from an earlier one, is not looked at: that is a consistency proof's.
 */
export function verifyCheckpoint(
  note: string,
  { log, witnesses = [], quorum = 0 }: { log: NoteKey; witnesses?: readonly NoteKey[]; quorum?: number },
): VerifiedCheckpoint {
  if (log.kind !== "ed25519") throw new TypeError("a log signs with its own key, not as a witness");
  const signed = parseSignedNote(note);
  const checkpoint = parseCheckpoint(verifyNote(signed, log).text);
  if (checkpoint.origin !== log.name) throw new PkiError("UNTRUSTED", "the checkpoint is another log's");
  const seen = witnesses.flatMap((key) => {
    if (!signed.signatures.some(({ name, keyId }) => name === key.name && keyId === noteKeyId(key))) return [];
    const { time } = verifyNote(signed, key);
    return time === undefined ? [] : [{ name: key.name, time }];
  });
  if (seen.length < quorum) throw new PkiError("UNTRUSTED", `${seen.length} of ${quorum} witnesses have signed`);
  return { ...checkpoint, witnesses: seen };
}

/** Origin, size and root; extension lines behind them are passed over. Throws `MALFORMED`. */
function parseCheckpoint(text: string): Checkpoint {
  const [origin, size, encoded] = text.split("\n");
  if (!origin || !size || !encoded) throw malformed("lines are missing");
  if (!/^(0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) throw malformed("not a tree size");
  const root = Buffer.from(encoded, "base64");
  if (root.length !== hashLength || root.toString("base64") !== encoded) throw malformed("not a root hash");
  return { origin, size: Number(size), root };
}

function malformed(message: string): PkiError {
  return new PkiError("MALFORMED", `checkpoint: ${message}`);
}
