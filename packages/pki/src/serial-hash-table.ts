/** Numbers of a few 32-bit words each, in the order in which they were given, with chains from a hash of them. */
export class SerialHashTable {
  readonly #words: Uint32Array;
  readonly #width: number;
  readonly #seed: number;
  readonly #shift: number;
  /** Bits by a longer hash, so that a number that is not there is seldom looked for. */
  readonly #filter: Uint32Array;
  readonly #filterShift: number;
  /** By hash: the first of a chain, counted from 1. */
  readonly #first: Uint32Array;
  /** The next of the same chain, counted from 1. */
  readonly #next: Uint32Array;

  /** The seed is to be random, so that nobody knows which numbers make long chains. Making the table costs the same for all. */
  constructor(words: Uint32Array, width: number, count: number, seed: number) {
    const bits = Math.max(1, Math.floor(Math.log2(count + 1)));
    this.#words = words;
    this.#width = width;
    this.#seed = seed;
    this.#shift = 32 - bits;
    this.#filterShift = 32 - Math.min(bits + 4, 32);
    this.#filter = new Uint32Array(Math.max(1, 2 ** (32 - this.#filterShift - 5)));
    this.#first = new Uint32Array(2 ** bits);
    this.#next = new Uint32Array(count);
    for (let index = count - 1; index >= 0; index--) {
      let hash = seed;
      for (let word = 0; word < width; word++) hash = mix(hash, words[index * width + word]!);
      hash = finish(hash);
      const bit = hash >>> this.#filterShift;
      this.#filter[bit >>> 5]! |= 1 << (bit & 31);
      const slot = hash >>> this.#shift;
      this.#next[index] = this.#first[slot]!;
      this.#first[slot] = index + 1;
    }
  }

  /** Of a table of width 1. */
  indexOf(serial: number): number {
    const hash = finish(mix(this.#seed, serial));
    if (!this.#mayHold(hash)) return -1;
    for (let at = this.#first[hash >>> this.#shift]!; at !== 0; at = this.#next[at - 1]!) {
      if (this.#words[at - 1] === serial >>> 0) return at - 1;
    }
    return -1;
  }

  /** `words` may be more than the width; what is before it must then be zero for the number to be here. */
  indexOfWords(words: Uint32Array): number {
    const width = this.#width;
    const skip = words.length - width;
    for (let word = 0; word < skip; word++) if (words[word] !== 0) return -1;
    let hash = this.#seed;
    for (let word = skip; word < words.length; word++) hash = mix(hash, words[word]!);
    hash = finish(hash);
    if (!this.#mayHold(hash)) return -1;
    for (let at = this.#first[hash >>> this.#shift]!; at !== 0; at = this.#next[at - 1]!) {
      let word = 0;
      while (word < width && this.#words[(at - 1) * width + word] === words[skip + word]) word++;
      if (word === width) return at - 1;
    }
    return -1;
  }

  get byteLength(): number {
    return this.#words.byteLength + this.#filter.byteLength + this.#first.byteLength + this.#next.byteLength;
  }

  #mayHold(hash: number): boolean {
    const bit = hash >>> this.#filterShift;
    return (this.#filter[bit >>> 5]! & (1 << (bit & 31))) !== 0;
  }
}

/** One round, and the end, of MurmurHash3. */
function mix(hash: number, word: number): number {
  const spread = Math.imul(word, 0xcc9e2d51);
  const turned = Math.imul((spread << 15) | (spread >>> 17), 0x1b873593) ^ hash;
  return (Math.imul((turned << 13) | (turned >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
