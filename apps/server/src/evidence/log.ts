import { hashesFromTiles, hashLength, inclusionProof, type SubtreeHash, type Tile, tilePath } from "@xid/pki";
import type { Platform } from "../platform.ts";
import { entryLevel } from "./growing-tree.ts";

type Parts = Pick<Platform, "database">;

/** What shows that a commitment is leaf `index` of the log's first `size`: for a verifier that is offline. */
export type LogProof = {
  origin: string;
  index: number;
  size: number;
  proof: Buffer[];
  /** The signed note. */
  checkpoint: string;
};

/** The newest checkpoint, a signed note. Undefined before the first entry. */
export async function readCheckpoint({ database }: Parts, log: string): Promise<string | undefined> {
  const row = await database.selectFrom("log_heads").select("checkpoint").where("log", "=", log).executeTakeFirst();
  return row?.checkpoint;
}

/** The bytes of a tile as wide as asked for. Undefined when the log does not have it, or not so much of it yet. */
export async function readTile({ database }: Parts, log: string, tile: Tile): Promise<Buffer | undefined> {
  const row = await database
    .selectFrom("log_tiles")
    .select("content")
    .where("log", "=", log)
    .where("level", "=", tile.level)
    .where("tile_index", "=", String(tile.index))
    .executeTakeFirst();
  const length = tile.width * hashLength;
  return row && row.content.length >= length ? row.content.subarray(0, length) : undefined;
}

/** C2SP tlog-tiles, "log entries": each entry of a tile behind its length in two bytes. */
export async function readEntries(
  parts: Parts,
  log: string,
  tile: Pick<Tile, "index" | "width">,
): Promise<Buffer | undefined> {
  const content = await readTile(parts, log, { ...tile, level: entryLevel });
  if (!content) return undefined;
  const length = Buffer.of(0, hashLength);
  return Buffer.concat(
    Array.from({ length: tile.width }, (_, n) => [
      length,
      content.subarray(n * hashLength, (n + 1) * hashLength),
    ]).flat(),
  );
}

/** The proof of a record under the newest checkpoint. Undefined while the record waits for the log. */
export async function proveRecord(
  parts: Parts,
  log: string,
  { accountId, evidenceId }: { accountId: string; evidenceId: string },
): Promise<LogProof | undefined> {
  const { database } = parts;
  const leaf = await database
    .selectFrom("evidence_leaves")
    .select("leaf_index")
    .where("account_id", "=", accountId)
    .where("evidence_id", "=", evidenceId)
    .where("log", "=", log)
    .executeTakeFirst();
  const head = await database
    .selectFrom("log_heads")
    .select(["size", "checkpoint"])
    .where("log", "=", log)
    .executeTakeFirst();
  if (!leaf || !head) return undefined;
  const [index, size] = [Number(leaf.leaf_index), Number(head.size)];
  const proof = await fromTiles(parts, log, size, (subtree) => inclusionProof(index, size, subtree));
  return { origin: log, index, size, proof, checkpoint: head.checkpoint };
}

/** Runs `work` on the log's hashes. It runs twice: first to see which tiles it needs, which are then read at once. */
async function fromTiles<T>(parts: Parts, log: string, size: number, work: (subtree: SubtreeHash) => T): Promise<T> {
  const needed = new Map<string, Tile>();
  work(
    hashesFromTiles(size, (tile) => {
      needed.set(tilePath(tile), tile);
      return Buffer.alloc(tile.width * hashLength);
    }),
  );
  const read = await Promise.all(
    [...needed].map(async ([path, tile]) => [path, await readTile(parts, log, tile)] as const),
  );
  const tiles = new Map(read);
  return work(
    hashesFromTiles(size, (tile) => {
      const content = tiles.get(tilePath(tile));
      if (!content) throw new TypeError(`the log lacks ${tilePath(tile)}`);
      return content;
    }),
  );
}
