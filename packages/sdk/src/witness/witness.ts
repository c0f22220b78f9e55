import { createPublicKey, type KeyObject } from "node:crypto";
import {
  cosignNote,
  formatSignedNote,
  type NoteKey,
  PkiError,
  parseSignedNote,
  type VerifiedCheckpoint,
  verifyCheckpoint,
  verifyConsistency,
} from "@xid/pki";
import type { WitnessStore } from "./file-witness-store.ts";

export type WitnessOptions = {
  /** Under which it signs: a URL without scheme, as a rule. */
  name: string;
  /** Ed25519. */
  privateKey: KeyObject;
  /** The logs that it watches, by their keys. */
  logs: readonly NoteKey[];
  store: WitnessStore;
  /** Milliseconds since 1970. */
  clock?: () => number;
};

/** What is answered over HTTP: C2SP tlog-witness. `body` ends with a line feed. */
export type WitnessAnswer = { status: 200 | 400 | 403 | 404 | 409 | 422; contentType: string; body: string };

/** A longer body is none: 63 hashes and a note. */
export const largestSubmission = 64 * 1024 + 63 * 45 + 32;
const mostHashes = 63;

const text = "text/plain; charset=utf-8";
const sizeType = "text/x.tlog.size";
const emptyRoot = Buffer.from("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "base64");

/**
 * Watches that logs only ever grow: signs a checkpoint when it follows from the last one that it signed, by a proof, and
 * keeps it before it answers. So nobody can show its signature on two histories of one log. What it refuses though the log
 * has signed it is proof of the log's misbehaviour, and is kept, too.
 *
 * It does not look at what the log holds. One process at a time may use a store.
 */
export class Witness {
  readonly key: NoteKey;
  readonly #options: WitnessOptions & { clock: () => number };
  /** One submission of a log at a time: what was checked is what is replaced. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: WitnessOptions) {
    this.#options = { clock: Date.now, ...options };
    this.key = { name: options.name, kind: "cosignature", publicKey: createPublicKey(options.privateKey) };
    if (options.logs.some(({ kind }) => kind !== "ed25519")) throw new TypeError("a log signs with an Ed25519 log key");
  }

  /** Body of `POST add-checkpoint`. Rejects only when the store does. */
  async addCheckpoint(body: string): Promise<WitnessAnswer> {
    const submission = parseSubmission(body);
    if (!submission) return refuse(400, "not a submission of a checkpoint");
    const log = this.#options.logs.find(({ name }) => submission.note.startsWith(`${name}\n`));
    if (!log) return refuse(404, "this log is not watched here");
    let checkpoint: VerifiedCheckpoint;
    try {
      checkpoint = verifyCheckpoint(submission.note, { log });
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      return error.code === "MALFORMED" ? refuse(400, "not a checkpoint") : refuse(403, "not signed by the log");
    }
    if (submission.old > checkpoint.size) return refuse(400, "the old size is above the checkpoint's");
    const turn = (this.#turns.get(log.name) ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => this.#follow(log, submission, checkpoint));
    this.#turns.set(log.name, turn);
    return turn;
  }

  async #follow(
    log: NoteKey,
    { old, proof, note }: Submission,
    checkpoint: VerifiedCheckpoint,
  ): Promise<WitnessAnswer> {
    const { store, name, privateKey, clock } = this.#options;
    const kept = await store.read(log.name);
    // Also what is kept is only believed with the log's signature.
    const last = kept === undefined ? { size: 0, root: emptyRoot } : verifyCheckpoint(kept, { log });
    const { size, root } = checkpoint;
    const conflict: WitnessAnswer = { status: 409, contentType: sizeType, body: `${last.size}\n` };
    if (old !== last.size) {
      if (size < last.size) await store.keepRefused(log.name, note);
      return conflict;
    }
    if (old === size && !root.equals(last.root)) {
      await store.keepRefused(log.name, note);
      return conflict;
    }
    try {
      verifyConsistency({ before: old, rootBefore: last.root, size, root, proof });
      if (size === 0 && !root.equals(emptyRoot)) throw new PkiError("PROOF_INVALID", "an empty log has one root");
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      await store.keepRefused(log.name, note);
      return refuse(422, "the checkpoint does not follow from the last one");
    }
    if (size > last.size || kept === undefined) await store.write(log.name, note);
    const { text: signed } = parseSignedNote(note);
    const signature = cosignNote(signed, { name, privateKey, time: Math.floor(clock() / 1000) });
    return { status: 200, contentType: text, body: formatSignedNote(signed, [signature]).slice(signed.length + 1) };
  }
}

type Submission = { old: number; proof: Buffer[]; note: string };

/** `old <size>`, hashes in base64, an empty line, the note. */
function parseSubmission(body: string): Submission | undefined {
  if (body.length > largestSubmission) return undefined;
  const end = body.indexOf("\n\n");
  if (end < 0) return undefined;
  const [first, ...hashes] = body.slice(0, end).split("\n");
  const [, old] = /^old (0|[1-9][0-9]{0,15})$/.exec(first!) ?? [];
  if (old === undefined || !Number.isSafeInteger(Number(old)) || hashes.length > mostHashes) return undefined;
  const proof = hashes.map((hash) => Buffer.from(hash, "base64"));
  const isStrict = proof.every((hash, at) => hash.length === 32 && hash.toString("base64") === hashes[at]);
  return isStrict ? { old: Number(old), proof, note: body.slice(end + 2) } : undefined;
}

function refuse(status: WitnessAnswer["status"], why: string): WitnessAnswer {
  return { status, contentType: text, body: `${why}\n` };
}
