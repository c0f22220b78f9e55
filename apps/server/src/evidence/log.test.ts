import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import {
  consistencyProof,
  hashesFromTiles,
  leafHash,
  rootHash,
  verifyCheckpoint,
  verifyConsistency,
  verifyInclusion,
} from "@xid/pki";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../store/database.ts";
import { createTestDatabase, type TestDatabase } from "../store/test-database.ts";
import { edgeOf, GrowingTree, type StoredTile } from "./growing-tree.ts";
import { proveRecord, readCheckpoint, readEntries, readTile } from "./log.ts";
import type { LogKey } from "./log-key.ts";
import { sequence } from "./sequencer.ts";

const key: LogKey = { name: "xid.example/log", kind: "ed25519", ...generateKeyPairSync("ed25519") };

describe("a growing tree", () => {
  it("is at every size the tree of its leaves, whatever it was continued from", () => {
    const entries = Array.from({ length: 70_000 }, (_, n) => leafHash(Buffer.from(String(n))));
    const leaves = entries.map(leafHash);
    const stored = new Map<string, StoredTile>();
    let size = 0;
    for (const next of [1, 2, 255, 256, 257, 600, 1536, 65_535, 65_536, 70_000]) {
      const edge = edgeOf(size).map(({ level, index }) => stored.get(`${level}/${index}`)!);
      const tree = new GrowingTree(size, edge);
      for (const entry of entries.slice(size, next)) tree.append(entry);
      for (const tile of tree.changed) stored.set(`${tile.level}/${tile.index}`, tile);
      size = next;
      const fromTiles = hashesFromTiles(size, ({ level, index }) => stored.get(`${level}/${index}`)!.content);
      expect(tree.root()).toEqual(rootHash(size, fromTiles));
    }
    expect(Buffer.concat([0, 1, 273].map((index) => stored.get(`0/${index}`)!.content))).toEqual(
      Buffer.concat([...leaves.slice(0, 512), ...leaves.slice(273 * 256)]),
    );
    expect([...stored.values()].filter(({ level }) => level === 2)).toHaveLength(1);
  });
});

describe("the evidence log", () => {
  let test: TestDatabase;
  const parts = () => ({ database: test.database, clock: Date.now });
  const verified = async () => verifyCheckpoint((await readCheckpoint(parts(), key.name))!, { log: key });
  const queue = async (count: number) => {
    const rows = Array.from({ length: count }, (_, n) => ({
      account_id: randomUUID(),
      evidence_id: randomUUID(),
      commitment: randomBytes(32),
      queued_at: new Date(1_790_000_000_000 + n),
    }));
    await test.database.insertInto("evidence_queue").values(rows).execute();
    return rows;
  };
  const hashes = async (size: number) => {
    const tiles = new Map<string, Buffer>();
    for (const { level, index } of edgeOf(size).filter((tile) => tile.level >= 0)) {
      for (let n = 0; n <= index; n++) {
        const count = Math.floor(size / 256 ** level);
        const width = Math.min(256, count - n * 256);
        tiles.set(`${level}/${n}`, (await readTile(parts(), key.name, { level, index: n, width }))!);
      }
    }
    return hashesFromTiles(size, ({ level, index }) => tiles.get(`${level}/${index}`)!);
  };

  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(() => test.close());

  it("grows in the order of the queue, and proves each record under a checkpoint it has signed", async () => {
    const rows = await queue(300);
    expect(await sequence(parts(), key)).toBe(300);
    const { size, root } = await verified();
    expect(size).toBe(300);
    for (const n of [0, 255, 256, 299]) {
      const row = rows[n]!;
      const ids = { accountId: row.account_id, evidenceId: row.evidence_id };
      const proven = (await proveRecord(parts(), key.name, ids))!;
      expect(proven).toMatchObject({ origin: key.name, index: n, size: 300 });
      verifyInclusion({ leaf: leafHash(row.commitment), index: n, size, root, proof: proven.proof });
    }
    const entries = await readEntries(parts(), key.name, { index: 1, width: 44 });
    expect(entries?.subarray(0, 34)).toEqual(Buffer.concat([Buffer.of(0, 32), rows[256]!.commitment]));
  });

  it("only ever appends: what it was is the beginning of what it is", async () => {
    const before = await verified();
    await queue(700);
    await sequence(parts(), key);
    const { size, root } = await verified();
    expect(size).toBe(before.size + 700);
    const proof = consistencyProof(before.size, size, await hashes(size));
    verifyConsistency({ before: before.size, rootBefore: before.root, size, root, proof });
  });

  it("takes each record once, also when several processes are at it", async () => {
    const before = (await verified()).size;
    const rows = await queue(1200);
    const other = openDatabase(test.connection);
    const both = [parts(), { ...parts(), database: other.database }];
    const counts = await Promise.all(Array.from({ length: 8 }, (_, n) => sequence(both[n % 2]!, key)));
    await other.close();
    expect(counts.reduce((sum, count) => sum + count)).toBe(1200);
    expect((await verified()).size).toBe(before + 1200);
    const leaves = await test.database
      .selectFrom("evidence_leaves")
      .select("leaf_index")
      .where(
        "evidence_id",
        "in",
        rows.map(({ evidence_id }) => evidence_id),
      )
      .execute();
    expect(new Set(leaves.map(({ leaf_index }) => leaf_index)).size).toBe(1200);
  });

  it("signs nothing new when nothing waits", async () => {
    const before = await readCheckpoint(parts(), key.name);
    expect(await sequence(parts(), key)).toBe(0);
    expect(await readCheckpoint(parts(), key.name)).toBe(before);
  });

  it("has no proof of a record that waits, and no tile that is wider than it is", async () => {
    const [row] = await queue(1);
    const ids = { accountId: row!.account_id, evidenceId: row!.evidence_id };
    expect(await proveRecord(parts(), key.name, ids)).toBeUndefined();
    const { size } = await verified();
    const tile = { level: 0, index: Math.floor(size / 256), width: (size % 256) + 1 };
    expect(await readTile(parts(), key.name, tile)).toBeUndefined();
  });
});
