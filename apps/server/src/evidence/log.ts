import {
  consistencyProof,
  hashesFromTiles,
  hashLength,
  inclusionProof,
  rootHash,
  type SubtreeHash,
  type Tile,
  tilePath,
} from "@xid/pki";
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
  /** RFC 3161 token over the checkpoint's text, with the authority's revocation list; null while there is none. */
  timestamp: { token: Buffer; list: Buffer } | null;
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

/**
 * The proof of a record, under the checkpoint for which most others vouch: of those the earliest, which bounds the time
 * best; the newest one while nobody does. Undefined while the record waits for the log.
 */
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
  if (!leaf) return undefined;
  const index = Number(leaf.leaf_index);
  const covering = await readCovering(parts, log, index);
  if (!covering) return undefined;
  const size = Number(covering.size);
  const proof = await fromTiles(parts, log, size, (subtree) => inclusionProof(index, size, subtree));
  const { checkpoint, token, token_list: list } = covering;
  return { origin: log, index, size, proof, checkpoint, timestamp: token && list ? { token, list } : null };
}

/** How many checkpoints behind a record are looked at. */
const looked = 50;

type Covering = {
  size: string;
  checkpoint: string;
  cosignatures: number;
  token: Buffer | null;
  token_list: Buffer | null;
};

async function readCovering({ database }: Parts, log: string, index: number): Promise<Covering | undefined> {
  const behind = database
    .selectFrom("log_checkpoints")
    .select(["size", "checkpoint", "cosignatures", "token", "token_list"])
    .where("log", "=", log)
    .where("size", ">", String(index))
    .orderBy("size")
    .limit(looked);
  const [next, stamped, head] = await Promise.all([
    behind.execute(),
    behind.where("token", "is not", null).execute(),
    database.selectFrom("log_heads").select(["size", "checkpoint"]).where("log", "=", log).executeTakeFirst(),
  ]);
  const rank = ({ cosignatures, token }: Covering) => cosignatures + (token ? 1 : 0);
  const [best] = [...next, ...stamped].sort(
    (one, other) => rank(other) - rank(one) || Number(one.size) - Number(other.size),
  );
  return best ?? (head && { ...head, cosignatures: 0, token: null, token_list: null });
}

/** What shows that the log of `before` leaves is the beginning of the one of `size` (RFC 6962 §2.1.2). */
export function proveConsistency(parts: Parts, log: string, before: number, size: number): Promise<Buffer[]> {
  return fromTiles(parts, log, size, (subtree) => consistencyProof(before, size, subtree));
}

/** The root over the first `size` entries, from the stored tiles. */
export function rootOf(parts: Parts, log: string, size: number): Promise<Buffer> {
  return fromTiles(parts, log, size, (subtree) => rootHash(size, subtree));
}

/** Runs `work` on the log's hashes. It runs twice: first to see which tiles it needs, which are then read at once. */
async function fromTiles<T>(parts: Parts, log: string, size: number, work: (subtree: SubtreeHash) => T): Promise<T> {
  const needed = new Map<string, Tile>();
  work(
    hashesFromTiles(size, (tile) => {
      needed.set(tilePath(tile), tile);
      // Of nothing nothing is hashed.
      return Buffer.alloc(0);
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

/** A revocation list that records rest on, DER, by its SHA-256. Public data. */
export async function readRevocationList({ database }: Parts, digest: Buffer): Promise<Buffer | undefined> {
  const row = await database
    .selectFrom("revocation_lists")
    .select("der")
    .where("digest", "=", digest)
    .executeTakeFirst();
  return row?.der;
}
