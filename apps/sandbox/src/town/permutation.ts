/** A fixed shuffling of 0…size−1 that is computed, not stored: an affine map. `size` is at most 2^26. */
export class Permutation {
  readonly #size: number;
  readonly #factor: number;
  readonly #inverse: number;
  readonly #shift: number;

  constructor(size: number, seed: number) {
    this.#size = size;
    this.#shift = seed % size;
    let factor = (Math.floor(size * 0.618) + (seed % 1009)) % size || 1;
    while (greatestCommonDivisor(factor, size) !== 1) factor = (factor % size) + 1;
    this.#factor = factor;
    this.#inverse = inverse(factor, size);
  }

  /** Products stay below 2^53. */
  at(index: number): number {
    return this.#remainder(index * this.#factor + this.#shift);
  }

  indexOf(position: number): number {
    return this.#remainder((position + this.#size - this.#shift) * this.#inverse);
  }

  /** Several times quicker than %, which is exact for numbers of any size; below 2^53 one correction does. */
  #remainder(value: number): number {
    const rest = value - Math.floor(value / this.#size) * this.#size;
    return rest < 0 ? rest + this.#size : rest >= this.#size ? rest - this.#size : rest;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Extended Euclid: what gives 1 when multiplied with `factor`, modulo `size`. */
function inverse(factor: number, size: number): number {
  let [previous, current] = [size, factor];
  let [before, found] = [0, 1];
  while (current !== 0) {
    const quotient = Math.floor(previous / current);
    [previous, current] = [current, previous - quotient * current];
    [before, found] = [found, before - quotient * found];
  }
  return ((before % size) + size) % size;
}
