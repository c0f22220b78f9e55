import { createHash, hash } from "node:crypto";
import { PkiError } from "../pki-error.ts";

/** SHA-256. */
export const hashLength = 32;

/** More levels than a tree of 2^53 leaves has: a longer proof is none. */
const longestProof = 54;

/** The hash of the complete subtree over the leaves from `index · 2^level` to `(index + 1) · 2^level`. */
export type SubtreeHash = (level: number, index: number) => Uint8Array;

/** RFC 6962 §2.1: the hash of a leaf. */
export function leafHash(entry: Uint8Array): Buffer {
  return hash("sha256", Buffer.concat([leafPrefix, entry]), "buffer");
}

/** RFC 6962 §2.1: the hash of a node from those of its two halves. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return hash("sha256", Buffer.concat([nodePrefix, left, right]), "buffer");
}

/** The root over the hashes of a complete subtree's lowest level, of which there are a power of two, one after another. */
export function subtreeRoot(hashes: Uint8Array): Uint8Array {
  let level = hashes;
  while (level.length > hashLength) {
    const above = Buffer.alloc(level.length / 2);
    for (let at = 0; at < above.length; at += hashLength) {
      const pair = 2 * at;
      const left = level.subarray(pair, pair + hashLength);
      above.set(nodeHash(left, level.subarray(pair + hashLength, pair + 2 * hashLength)), at);
    }
    level = above;
  }
  return level;
}

/** RFC 6962 §2.1: the Merkle tree hash of the first `size` leaves. */
export function rootHash(size: number, subtree: SubtreeHash): Buffer {
  requireSize(size);
  return size === 0 ? createHash("sha256").digest() : rangeHash(0, size, subtree);
}

/** RFC 6962 §2.1.1: what leads from leaf `index` (from 0) to the root of the first `size` leaves, lowest first. */
export function inclusionProof(index: number, size: number, subtree: SubtreeHash): Buffer[] {
  requireSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new TypeError("no such leaf");
  const path = (from: number, to: number): Buffer[] => {
    if (to - from === 1) return [];
    const middle = from + splitOf(to - from);
    return index < middle
      ? [...path(from, middle), rangeHash(middle, to, subtree)]
      : [...path(middle, to), rangeHash(from, middle, subtree)];
  };
  return path(0, size);
}

/** RFC 6962 §2.1.2: what shows that the tree of `size` leaves begins with the tree of `before` leaves. */
export function consistencyProof(before: number, size: number, subtree: SubtreeHash): Buffer[] {
  requireSize(size);
  if (!Number.isSafeInteger(before) || before < 0 || before > size) throw new TypeError("the earlier tree is larger");
  // `isKnown`: the verifier has this subtree's hash, which is the earlier root.
  const path = (from: number, to: number, isKnown: boolean): Buffer[] => {
    if (to === before) return isKnown ? [] : [rangeHash(from, to, subtree)];
    const middle = from + splitOf(to - from);
    return before <= middle
      ? [...path(from, middle, isKnown), rangeHash(middle, to, subtree)]
      : [...path(middle, to, false), rangeHash(from, middle, subtree)];
  };
  return before === 0 || before === size ? [] : path(0, size, true);
}

/**
 * Verifies that `leaf` (a leaf hash) is number `index` of the `size` leaves under `root`: RFC 9162 §2.1.3.2.
 * Throws `PROOF_INVALID`. Whether the root is anybody's word is not looked at: that is a checkpoint's.
 */
export function verifyInclusion(claim: {
  leaf: Uint8Array;
  index: number;
  size: number;
  root: Uint8Array;
  proof: readonly Uint8Array[];
}): void {
  const { leaf, index, size, root, proof } = claim;
  requireProof(proof, [leaf, root]);
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) {
    throw invalid("the leaf is not in a tree of this size");
  }
  let position = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) throw invalid("the proof is too long");
    if (position % 2 === 1 || position === last) {
      hash = nodeHash(sibling, hash);
      // A right edge that is alone on its level goes up as it is.
      while (position % 2 === 0 && position !== 0) [position, last] = [position / 2, Math.floor(last / 2)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [position, last] = [Math.floor(position / 2), Math.floor(last / 2)];
  }
  if (last !== 0 || !equal(hash, root)) throw invalid("the proof does not lead to the root");
}

/**
 * Verifies that the `size` leaves under `root` begin with the `before` leaves under `rootBefore`: nothing was changed or
 * taken away in between (RFC 9162 §2.1.4.2). Throws `PROOF_INVALID`.
 */
export function verifyConsistency(claim: {
  before: number;
  rootBefore: Uint8Array;
  size: number;
  root: Uint8Array;
  proof: readonly Uint8Array[];
}): void {
  const { before, rootBefore, size, root, proof } = claim;
  requireProof(proof, [rootBefore, root]);
  if (!Number.isSafeInteger(before) || !Number.isSafeInteger(size) || before < 0 || before > size) {
    throw invalid("the earlier tree is not the smaller one");
  }
  if (before === size || before === 0) {
    const expected = before === 0 ? createHash("sha256").digest() : root;
    if (proof.length > 0 || !equal(rootBefore, expected)) throw invalid("the proof does not lead to the roots");
    return;
  }
  let position = before - 1;
  let last = size - 1;
  while (position % 2 === 1) [position, last] = [Math.floor(position / 2), Math.floor(last / 2)];
  // A complete earlier tree is a node of the later one: its own root begins the proof.
  const path = position === 0 ? [rootBefore, ...proof] : [...proof];
  const first = path.shift();
  if (!first) throw invalid("the proof is too short");
  let hashBefore = first;
  let hash = first;
  for (const sibling of path) {
    if (last === 0) throw invalid("the proof is too long");
    if (position % 2 === 1 || position === last) {
      hashBefore = nodeHash(sibling, hashBefore);
      hash = nodeHash(sibling, hash);
      while (position % 2 === 0 && position !== 0) [position, last] = [position / 2, Math.floor(last / 2)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [position, last] = [Math.floor(position / 2), Math.floor(last / 2)];
  }
  if (last !== 0 || !equal(hashBefore, rootBefore) || !equal(hash, root)) {
    throw invalid("the proof does not lead to the roots");
  }
}

const leafPrefix = Buffer.of(0x00);
const nodePrefix = Buffer.of(0x01);

/** The hash over the leaves from `from` to before `to`, which is a node of the tree. */
function rangeHash(from: number, to: number, subtree: SubtreeHash): Buffer {
  const count = to - from;
  const level = Math.log2(count);
  if (Number.isInteger(level)) return Buffer.from(subtree(level, from / count));
  const middle = from + splitOf(count);
  return nodeHash(rangeHash(from, middle, subtree), rangeHash(middle, to, subtree));
}

/** The largest power of two below `count`, which is at least 2. */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

function requireSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) throw new TypeError("a tree has from 0 to 2^53 - 1 leaves");
}

function requireProof(proof: readonly Uint8Array[], hashes: Uint8Array[]): void {
  if (proof.length > longestProof) throw invalid("the proof is too long");
  if ([...proof, ...hashes].some(({ length }) => length !== hashLength)) throw invalid("not a SHA-256 hash");
}

/** All of it is public, so the time it takes tells nothing. */
function equal(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function invalid(message: string): PkiError {
  return new PkiError("PROOF_INVALID", message);
}
