/** 31 bits that depend on all three numbers and look like chance; the same ones always. */
export function chance(seed: number, index: number, what: number): number {
  let hash = seed ^ Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(what + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 1;
}

/** A series of integers below the argument, the same one for the same beginning. Not for secrets. */
export function series(seed: number, index: number, what: number): (below: number) => number {
  let step = 0;
  return (below) => {
    step++;
    const high = chance(seed ^ step, index, what);
    const low = chance(seed ^ step, index, what + 1);
    return Math.floor(((high * 2 ** 22 + (low >>> 9)) / 2 ** 53) * below);
  };
}
