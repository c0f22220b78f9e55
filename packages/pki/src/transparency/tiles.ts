import { hashLength, type SubtreeHash, subtreeRoot } from "./merkle-tree.ts";

/** C2SP tlog-tiles: eight levels of the tree in each tile, 256 hashes wide when it is full. */
export const tileHeight = 8;
export const tileWidth = 2 ** tileHeight;

/** `level` counts tiles, so its hashes are of subtrees of 256^level leaves; `width` hashes, fewer while it is partial. */
export type Tile = { level: number; index: number; width: number };

/** Where a tile is, below the log's address: `tile/0/x001/x234/067`, a partial one with `.p/<width>`. */
export function tilePath({ level, index, width }: Tile): string {
  return `tile/${level}/${segments(index)}${suffix(width)}`;
}

/** Where up to 256 entries are: those of the level-0 tile of the same number. */
export function entriesPath({ index, width }: Pick<Tile, "index" | "width">): string {
  return `tile/entries/${segments(index)}${suffix(width)}`;
}

/**
 * Every hash of a tree of `size` leaves from its tiles. `readTile` gives a tile's bytes, asked for by the width that it
 * has in this tree. Tiles are taken as they are: whether they belong to a root is for a proof or `rootHash` to show.
 */
export function hashesFromTiles(size: number, readTile: (tile: Tile) => Uint8Array): SubtreeHash {
  return (level, index) => {
    const tileLevel = Math.floor(level / tileHeight);
    const first = index * 2 ** (level - tileLevel * tileHeight);
    const count = 2 ** (level - tileLevel * tileHeight);
    const number = Math.floor(first / tileWidth);
    const inLevel = Math.floor(size / tileWidth ** tileLevel);
    const width = Math.min(tileWidth, inLevel - number * tileWidth);
    const start = first - number * tileWidth;
    if (start + count > width) throw new TypeError("the tree has no such complete subtree");
    const bytes = readTile({ level: tileLevel, index: number, width });
    return subtreeRoot(bytes.subarray(start * hashLength, (start + count) * hashLength));
  };
}

/** Three digits each, all but the last with an x in front. */
function segments(index: number): string {
  const parts: string[] = [];
  for (let rest = index; parts.length === 0 || rest > 0; rest = Math.floor(rest / 1000)) {
    const digits = String(rest % 1000).padStart(3, "0");
    parts.unshift(parts.length === 0 ? digits : `x${digits}`);
  }
  return parts.join("/");
}

function suffix(width: number): string {
  return width === tileWidth ? "" : `.p/${width}`;
}
