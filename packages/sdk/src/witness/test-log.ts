import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import {
  consistencyProof,
  formatCheckpoint,
  formatSignedNote,
  leafHash,
  type NoteKey,
  nodeHash,
  rootHash,
  signNote,
} from "@xid/pki";

/** A log that signs whatever a test wants of it. */
export class TestLog {
  readonly key: NoteKey;
  readonly #privateKey: KeyObject;
  readonly #leaves: Buffer[];

  constructor(
    name = "log.example/evidence",
    leaves: readonly Buffer[] = [],
    keys = generateKeyPairSync("ed25519") as { publicKey: KeyObject; privateKey: KeyObject },
  ) {
    this.key = { name, kind: "ed25519", publicKey: keys.publicKey };
    this.#privateKey = keys.privateKey;
    this.#leaves = [...leaves];
  }

  get size(): number {
    return this.#leaves.length;
  }

  grow(count: number, what = "entry"): this {
    for (let n = 0; n < count; n++) this.#leaves.push(leafHash(Buffer.from(`${what} ${this.#leaves.length}`)));
    return this;
  }

  /** The same log, rewritten from entry `from` on. */
  rewritten(from: number, count: number): TestLog {
    const keys = { publicKey: this.key.publicKey, privateKey: this.#privateKey };
    return new TestLog(this.key.name, this.#leaves.slice(0, from), keys).grow(count, "another");
  }

  checkpoint(size = this.size): string {
    const text = formatCheckpoint({ origin: this.key.name, size, root: rootHash(size, this.#subtree) });
    return formatSignedNote(text, [signNote(text, { name: this.key.name, privateKey: this.#privateKey })]);
  }

  /** Body of `add-checkpoint`. */
  submission(old: number, size = this.size): string {
    const proof = old <= size ? consistencyProof(old, size, this.#subtree) : [];
    return `old ${old}\n${proof.map((hash) => `${hash.toString("base64")}\n`).join("")}\n${this.checkpoint(size)}`;
  }

  readonly #subtree = (level: number, index: number): Buffer => {
    const width = 2 ** level;
    let hashes = this.#leaves.slice(index * width, (index + 1) * width);
    if (hashes.length !== width) throw new TypeError("no such subtree");
    while (hashes.length > 1) {
      hashes = Array.from({ length: hashes.length / 2 }, (_, n) => nodeHash(hashes[2 * n]!, hashes[2 * n + 1]!));
    }
    return hashes[0] ?? createHash("sha256").digest();
  };
}
