import { hashesFromTiles, hashLength, leafHash, rootHash, subtreeRoot, tileWidth } from "@xid/pki";

/** Level of the entries themselves, as C2SP tlog-tiles keeps them beside the hashes. */
export const entryLevel = -1;

/** A stored tile: up to 256 values of 32 bytes. Level -1 holds the entries, level 0 their leaf hashes. */
export type StoredTile = { level: number; index: number; content: Buffer };

const fullTile = tileWidth * hashLength;

/**
 * A log's tree while entries of 32 bytes are added. It needs only the tiles at the right edge: everything to the left of
 * them never changes again.
 */
export class GrowingTree {
  size: number;
  readonly #edge = new Map<number, StoredTile>();
  readonly #changed = new Map<string, StoredTile>();

  /** @param edge the tiles that `edgeOf(size)` names */
  constructor(size: number, edge: readonly StoredTile[]) {
    this.size = size;
    for (const tile of edge) this.#edge.set(tile.level, tile);
  }

  append(entry: Buffer): void {
    if (entry.length !== hashLength) throw new TypeError("an entry is a commitment of 32 bytes");
    this.#add(entryLevel, entry);
    this.#add(0, leafHash(entry));
    this.size++;
  }

  /** Every tile that is new or has grown, as it is now. */
  get changed(): StoredTile[] {
    return [...this.#changed.values()];
  }

  root(): Buffer {
    const subtree = hashesFromTiles(this.size, ({ level, index }) => {
      const tile = this.#edge.get(level);
      if (tile?.index !== index) throw new TypeError("the tree lacks a tile at its edge");
      return tile.content;
    });
    return rootHash(this.size, subtree);
  }

  #add(level: number, value: Buffer): void {
    const before = this.#edge.get(level);
    const isFull = before?.content.length === fullTile;
    const index = before ? before.index + (isFull ? 1 : 0) : 0;
    const content = before && !isFull ? Buffer.concat([before.content, value]) : value;
    const tile = { level, index, content };
    this.#edge.set(level, tile);
    this.#changed.set(`${level}/${index}`, tile);
    if (level !== entryLevel && content.length === fullTile) this.#add(level + 1, Buffer.from(subtreeRoot(content)));
  }
}

/** The tiles at the right edge of a tree: the last one of each level, whether full or not. */
export function edgeOf(size: number): { level: number; index: number }[] {
  if (size === 0) return [];
  const edge = [{ level: entryLevel, index: Math.floor((size - 1) / tileWidth) }];
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / tileWidth)) {
    edge.push({ level, index: Math.floor((count - 1) / tileWidth) });
  }
  return edge;
}
