import { formatSignedNote, type NoteKey, type NoteSignature, parseSignedNote, verifyNote } from "@xid/pki";
import { boundedFetch } from "../jpki/bounded-fetch.ts";

const timeout = 5_000;
const largestAnswer = 16 * 1024;

export type WitnessRefusal =
  /** It has seen more of this log than there is: the log was set back. */
  | "ROLLED_BACK"
  /** What it has seen is not the beginning of what it is shown. */
  | "INCONSISTENT"
  /** It does not know the log, or its key. */
  | "UNKNOWN_LOG"
  /** It gave no usable answer. */
  | "NO_ANSWER";

export class WitnessError extends Error {
  readonly code: WitnessRefusal;
  /** How many entries it has seen, with `ROLLED_BACK`. */
  readonly seen: number;

  constructor(code: WitnessRefusal, message: string, { seen = 0, cause }: { seen?: number; cause?: unknown } = {}) {
    super(message, { cause });
    this.name = "WitnessError";
    this.code = code;
    this.seen = seen;
  }
}

/** Shows that the log of `before` leaves is the beginning of the one in the checkpoint. */
export type ProveConsistency = (before: number) => Promise<readonly Uint8Array[]>;

/**
 * Asks one witness to sign a checkpoint (C2SP tlog-witness). What it has seen before it says itself, so nothing is kept
 * here but a guess. Its signature is verified. Throws `WitnessError`.
 */
export class WitnessClient {
  readonly key: NoteKey;
  readonly url: string;
  #seen = 0;

  constructor({ key, url }: { key: NoteKey; url: string }) {
    this.key = key;
    this.url = url;
  }

  async cosign(checkpoint: string, size: number, prove: ProveConsistency): Promise<NoteSignature> {
    let seen = Math.min(this.#seen, size);
    for (let attempt = 0; attempt < 3; attempt++) {
      const answer = await this.#ask(checkpoint, seen, seen === size ? [] : await prove(seen));
      if (answer.status === 200) {
        this.#seen = size;
        return this.#signatureIn(checkpoint, answer.body.toString("utf8"));
      }
      if (answer.status === 409) {
        const told = answer.contentType === "text/x.tlog.size" ? parseSize(answer.body) : undefined;
        if (told === undefined || told === seen) {
          throw new WitnessError("INCONSISTENT", `${this.key.name} has seen another log of ${seen} entries`);
        }
        if (told > size) {
          const message = `${this.key.name} has seen ${told} entries, and there are ${size}`;
          throw new WitnessError("ROLLED_BACK", message, { seen: told });
        }
        seen = told;
        continue;
      }
      throw refusalOf(this.key.name, answer.status);
    }
    throw new WitnessError("NO_ANSWER", `${this.key.name} tells another size each time`);
  }

  async #ask(checkpoint: string, old: number, proof: readonly Uint8Array[]) {
    const lines = proof.map((hash) => `${Buffer.from(hash).toString("base64")}\n`).join("");
    try {
      return await boundedFetch(`${this.url}/add-checkpoint`, {
        method: "POST",
        headers: { "content-type": "text/plain; charset=utf-8" },
        body: `old ${old}\n${lines}\n${checkpoint}`,
        timeout,
        maxOctets: largestAnswer,
      });
    } catch (cause) {
      throw new WitnessError("NO_ANSWER", `${this.key.name} does not answer`, { cause });
    }
  }

  #signatureIn(checkpoint: string, lines: string): NoteSignature {
    try {
      const { text } = parseSignedNote(checkpoint);
      const answer = parseSignedNote(`${text}\n${lines}`);
      verifyNote(answer, this.key);
      return answer.signatures.find(({ name }) => name === this.key.name) as NoteSignature;
    } catch (cause) {
      throw new WitnessError("NO_ANSWER", `${this.key.name} did not sign what it was shown`, { cause });
    }
  }
}

/** The note with these signatures in place of those that the same witnesses made before. */
export function withCosignatures(checkpoint: string, cosignatures: readonly NoteSignature[]): string {
  const { text, signatures } = parseSignedNote(checkpoint);
  const renewed = new Set(cosignatures.map(({ name, keyId }) => `${name} ${keyId}`));
  const kept = signatures.filter(({ name, keyId }) => !renewed.has(`${name} ${keyId}`));
  return formatSignedNote(text, [...kept, ...cosignatures]);
}

function refusalOf(name: string, status: number): WitnessError {
  if (status === 404 || status === 403) return new WitnessError("UNKNOWN_LOG", `${name} does not know this log`);
  if (status === 422) return new WitnessError("INCONSISTENT", `${name} has seen another log`);
  return new WitnessError("NO_ANSWER", `${name} answered ${status}`);
}

function parseSize(body: Buffer): number | undefined {
  const text = body.toString("latin1");
  return /^(0|[1-9][0-9]{0,15})\n$/.test(text) ? Number(text) : undefined;
}
