export type SerialRange = { readonly least: number; readonly greatest: number };

/** A block is one word that counts the numbers before it, and seven of bits: what one look-up needs lies together. */
const blockWords = 8;
const blockBits = 32 * (blockWords - 1);

/** Serial numbers below 2^32, a bit for each number from the least to the greatest. */
export class SerialBitmap {
  /** How many different numbers there are. */
  readonly count: number;
  readonly #least: number;
  readonly #range: number;
  readonly #blocks: Uint32Array;

  constructor(serials: Uint32Array, { least, greatest }: SerialRange) {
    this.#least = least;
    // None at all leaves one bit, which is not set.
    this.#range = greatest - least;
    const blocks = new Uint32Array((Math.floor(this.#range / blockBits) + 1) * blockWords);
    for (let index = 0; index < serials.length; index++) {
      const offset = serials[index]! - least;
      const block = (offset / blockBits) >>> 0;
      const bit = offset - block * blockBits;
      blocks[block * blockWords + 1 + (bit >>> 5)]! |= 1 << (bit & 31);
    }
    let count = 0;
    for (let word = 0; word < blocks.length; word++) {
      if (word % blockWords === 0) blocks[word] = count;
      else count += ones(blocks[word]!);
    }
    this.count = count;
    this.#blocks = blocks;
  }

  /** How many of the numbers are below this one; -1 if this one is not among them. */
  indexOf(serial: number): number {
    const offset = serial - this.#least;
    if (offset < 0 || offset > this.#range) return -1;
    const block = (offset / blockBits) >>> 0;
    const bit = offset - block * blockBits;
    const count = block * blockWords;
    const last = count + 1 + (bit >>> 5);
    const bits = this.#blocks[last]!;
    const own = 1 << (bit & 31);
    if ((bits & own) === 0) return -1;
    let index = this.#blocks[count]! + ones(bits & (own - 1));
    for (let word = count + 1; word < last; word++) index += ones(this.#blocks[word]!);
    return index;
  }

  get byteLength(): number {
    return this.#blocks.byteLength;
  }
}

/** Bits of a word that are set. */
function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
