import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PkiError } from "../pki-error.ts";
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  nodeHash,
  rootHash,
  type SubtreeHash,
  verifyConsistency,
  verifyInclusion,
} from "./merkle-tree.ts";
import { entriesPath, hashesFromTiles, type Tile, tilePath, tileWidth } from "./tiles.ts";

/** Certificate Transparency's reference trees (google/certificate-transparency, Apache-2.0). */
const entries = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map((hex) => Buffer.from(hex, "hex"));
const roots = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/** The definition, straight from the leaves. */
const subtreesOf = (leaves: readonly Buffer[]): SubtreeHash => {
  const hash = (level: number, index: number): Buffer =>
    level === 0 ? leaves[index]! : nodeHash(hash(level - 1, 2 * index), hash(level - 1, 2 * index + 1));
  return hash;
};
const numbered = (size: number) => Array.from({ length: size }, (_, n) => leafHash(Buffer.from(`leaf ${n}`)));
/** All tiles of a tree of this size, from the definition. */
const tilesOf = (size: number, subtree: SubtreeHash): [string, Buffer][] => {
  const tiles: [string, Buffer][] = [];
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / tileWidth)) {
    for (let index = 0; index * tileWidth < count; index++) {
      const width = Math.min(tileWidth, count - index * tileWidth);
      const hashes = Array.from({ length: width }, (_, n) => subtree(8 * level, index * tileWidth + n));
      tiles.push([tilePath({ level, index, width } satisfies Tile), Buffer.concat(hashes)]);
    }
  }
  return tiles;
};
const code = (work: () => unknown) => {
  try {
    work();
    return "accepted";
  } catch (error) {
    return error instanceof PkiError ? error.code : String(error);
  }
};

describe("a Merkle tree", () => {
  it("has the roots of the reference trees", () => {
    const subtree = subtreesOf(entries.map(leafHash));
    expect(roots.map((_, size) => rootHash(size, subtree).toString("hex"))).toEqual(roots);
  });

  const size = 37;
  const leaves = numbered(size);
  const subtree = subtreesOf(leaves);

  it("proves every leaf of every size, and no leaf by another's proof", () => {
    for (let n = 1; n <= size; n++) {
      const root = rootHash(n, subtree);
      for (let index = 0; index < n; index++) {
        const claim = { leaf: leaves[index]!, index, size: n, root, proof: inclusionProof(index, n, subtree) };
        verifyInclusion(claim);
        expect(code(() => verifyInclusion({ ...claim, leaf: leafHash(Buffer.from("other")) }))).toBe("PROOF_INVALID");
        if (n > 1) expect(code(() => verifyInclusion({ ...claim, index: (index + 1) % n }))).toBe("PROOF_INVALID");
      }
    }
  });

  it("proves of every earlier size that it is its beginning, and of no other tree", () => {
    const others = subtreesOf(numbered(size).with(0, leafHash(Buffer.from("changed"))));
    for (let n = 0; n <= size; n++) {
      for (let before = 0; before <= n; before++) {
        const claim = { before, rootBefore: rootHash(before, subtree), size: n, root: rootHash(n, subtree) };
        const proof = consistencyProof(before, n, subtree);
        verifyConsistency({ ...claim, proof });
        if (before === 0) continue;
        const rewritten = { ...claim, rootBefore: rootHash(before, others), proof };
        expect(code(() => verifyConsistency(rewritten))).toBe("PROOF_INVALID");
      }
    }
  });

  it("refuses a proof with one hash changed, added, taken away or cut short", () => {
    const index = 20;
    const proof = inclusionProof(index, size, subtree);
    const between = consistencyProof(13, size, subtree);
    const spoilt = (good: Buffer[]) => [
      ...good.map((hash, n) => good.with(n, Buffer.from(hash.map((byte) => byte ^ 1)))),
      [...good, good[0]!],
      good.slice(1),
      good.slice(0, -1),
      good.with(0, good[0]!.subarray(1)),
      Array<Buffer>(60).fill(good[0]!),
    ];
    const included = { leaf: leaves[index]!, index, size, root: rootHash(size, subtree) };
    for (const bad of spoilt(proof)) {
      expect(code(() => verifyInclusion({ ...included, proof: bad }))).toBe("PROOF_INVALID");
    }
    const trees = { before: 13, rootBefore: rootHash(13, subtree), size, root: rootHash(size, subtree) };
    for (const bad of spoilt(between)) {
      expect(code(() => verifyConsistency({ ...trees, proof: bad }))).toBe("PROOF_INVALID");
    }
  });

  it.each([
    [-1, 37],
    [37, 37],
    [0.5, 37],
    [0, 0],
    [Number.NaN, 37],
    [0, Number.POSITIVE_INFINITY],
  ])("refuses leaf %d of %d", (index, n) => {
    const claim = { leaf: leaves[0]!, index, size: n, root: rootHash(size, subtree), proof: [] };
    expect(code(() => verifyInclusion(claim))).toBe("PROOF_INVALID");
  });

  it("takes no wrong claim, whatever the numbers", () => {
    const root = rootHash(size, subtree);
    const numbers = fc.oneof(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
    const hashes = fc.array(fc.constantFrom(...leaves), { maxLength: 8 });
    fc.assert(
      fc.property(numbers, numbers, hashes, (one, other, proof) => {
        const claim = { leaf: leafHash(Buffer.from("not in it")), index: one, size: other, root, proof };
        expect(code(() => verifyInclusion(claim))).toBe("PROOF_INVALID");
        const earlier = { before: one, rootBefore: leafHash(Buffer.from("no tree")), size: other, root, proof };
        expect(code(() => verifyConsistency(earlier))).toBe("PROOF_INVALID");
      }),
    );
  });
});

describe("tiles", () => {
  it("are named as C2SP tlog-tiles names them", () => {
    expect(tilePath({ level: 0, index: 1234067, width: 256 })).toBe("tile/0/x001/x234/067");
    expect(tilePath({ level: 2, index: 0, width: 7 })).toBe("tile/2/000.p/7");
    expect(entriesPath({ index: 5, width: 256 })).toBe("tile/entries/005");
  });

  it.each([1, 5, 256, 257, 1000, 66_000])("hold a tree of %d leaves and give every hash of it back", (size) => {
    const leaves = numbered(size);
    const subtree = subtreesOf(leaves);
    const stored = new Map(tilesOf(size, subtree));
    const fromTiles = hashesFromTiles(size, (tile) => stored.get(tilePath(tile))!);
    expect(rootHash(size, fromTiles)).toEqual(rootHash(size, subtree));
    for (const index of [0, size >> 1, size - 1]) {
      const proof = inclusionProof(index, size, fromTiles);
      verifyInclusion({ leaf: leaves[index]!, index, size, root: rootHash(size, subtree), proof });
    }
  });

  it("have no hash of a subtree that is not complete", () => {
    const fromTiles = hashesFromTiles(5, () => Buffer.alloc(5 * 32));
    expect(() => fromTiles(1, 2)).toThrow(TypeError);
  });
});
