import { randomInt } from "node:crypto";
import { SerialBitmap, type SerialRange } from "./serial-bitmap.ts";
import { SerialHashTable } from "./serial-hash-table.ts";

/** Longer serial numbers (RFC 5280 4.1.2.2) are in no certificate that this package reads. */
const maxOctets = 20;
const maxWords = maxOctets / 4;

/** A bitmap is made where it costs at most this many bits for each entry, or less than a page. */
const maxBitsPerEntry = 128;
const smallBitmap = 2 ** 15;

export type Revocation = {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** CRLReason. */
  readonly reason: number;
};

/** Seconds since the year 0 take 39 bits, the reason the 9 above: three words of 16 bits, the least significant first. */
const timeWords = 3;
const secondsToYear0 = 62_167_219_200;

/**
 * The serial numbers of a revocation list with when and why, in arrays and without an object for any of them. What a
 * sequential counter gave out, as the JPKI's does, becomes a bitmap: 6 octets an entry and one bit for every number between
 * the least and the greatest. Any other numbers become a hash table: 14 octets an entry and the numbers themselves.
 */
export class RevokedSerials {
  readonly count: number;
  readonly #small: SerialBitmap | SerialHashTable;
  readonly #smallTimes: Uint16Array;
  readonly #large: SerialHashTable;
  readonly #largeTimes: Uint16Array;
  readonly #words = new Uint32Array(maxWords);

  constructor(builder: {
    count: number;
    small: Serials;
    large: Serials;
  }) {
    this.count = builder.count;
    const seed = randomInt(2 ** 32);
    const { small, large } = builder;
    const range = rangeOf(small.words);
    if (range.greatest - range.least < Math.max(smallBitmap, small.count * maxBitsPerEntry)) {
      const bitmap = new SerialBitmap(small.words, range);
      this.#small = bitmap;
      this.#smallTimes = inOrder(small, bitmap);
    } else {
      this.#small = new SerialHashTable(small.words, 1, small.count, seed);
      this.#smallTimes = small.times;
    }
    this.#large = new SerialHashTable(large.words, large.width, large.count, seed);
    this.#largeTimes = large.times;
  }

  /** The entry for a serial number, given as the content octets of its INTEGER; of two the first. */
  find(serialNumber: Uint8Array): Revocation | undefined {
    // What the JPKI gives out; kept short, so that it is compiled into its callers.
    if (serialNumber.length !== 4 || serialNumber[0]! >= 0x80) return this.#findOther(serialNumber);
    const high = (serialNumber[0]! << 24) | (serialNumber[1]! << 16);
    const index = this.#small.indexOf(high | (serialNumber[2]! << 8) | serialNumber[3]!);
    return index === -1 ? undefined : this.#read(this.#smallTimes, index);
  }

  #findOther(serialNumber: Uint8Array): Revocation | undefined {
    const words = this.#words;
    if (!readSerial(serialNumber, 0, serialNumber.length, words)) return undefined;
    if (isSmall(words)) return this.#read(this.#smallTimes, this.#small.indexOf(words[maxWords - 1]!));
    return this.#read(this.#largeTimes, this.#large.indexOfWords(words));
  }

  /** Octets that the arrays take. */
  get byteLength(): number {
    const tables = [this.#small, this.#large, this.#smallTimes, this.#largeTimes];
    return tables.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  #read(times: Uint16Array, index: number): Revocation | undefined {
    if (index === -1) return undefined;
    const at = index * timeWords;
    const high = times[at + 2]!;
    const seconds = (high & 0x7f) * 2 ** 32 + times[at + 1]! * 2 ** 16 + times[at]!;
    return { at: (seconds - secondsToYear0) * 1000, reason: high >> 7 };
  }
}

/** Serial numbers as they came, `width` words each, the most significant first. */
type Serials = { words: Uint32Array; width: number; count: number; times: Uint16Array };

const noSerials = (width: number, room: number): Serials => ({
  words: new Uint32Array(room * width),
  width,
  count: 0,
  times: new Uint16Array(room * timeWords),
});

/** Takes the entries of a list one after another. */
export class RevokedSerialsBuilder {
  readonly #expected: number;
  #count = 0;
  #small = noSerials(1, 0);
  #large = noSerials(2, 0);
  readonly #words = new Uint32Array(maxWords);

  /** Room is made for as many entries at once. Memory that is not written to costs nothing. */
  constructor(expected: number) {
    this.#expected = expected;
  }

  /** `start` and `end` of the content octets of the serial number's INTEGER; `at` in milliseconds since 1970. */
  add(bytes: Uint8Array, start: number, end: number, at: number, reason: number): void {
    this.#count++;
    const words = this.#words;
    if (!readSerial(bytes, start, end, words)) return;
    const list = isSmall(words) ? this.#smallWithRoom() : this.#largeWithRoom(words);
    const { count, width } = list;
    for (let word = 0; word < width; word++) list.words[count * width + word] = words[maxWords - width + word]!;
    const seconds = at / 1000 + secondsToYear0;
    list.times[count * timeWords] = seconds;
    list.times[count * timeWords + 1] = seconds / 2 ** 16;
    list.times[count * timeWords + 2] = (reason << 7) | (seconds / 2 ** 32);
    list.count++;
  }

  finish(): RevokedSerials {
    return new RevokedSerials({ count: this.#count, small: fitted(this.#small), large: fitted(this.#large) });
  }

  #smallWithRoom(): Serials {
    if (this.#small.count === roomOf(this.#small)) this.#small = this.#resized(this.#small, 1);
    return this.#small;
  }

  #largeWithRoom(words: Uint32Array): Serials {
    const width = Math.max(this.#large.width, maxWords - words.findIndex((word) => word !== 0));
    if (this.#large.count === roomOf(this.#large) || width > this.#large.width) {
      this.#large = this.#resized(this.#large, width);
    }
    return this.#large;
  }

  /** With more room, if there is none left, and numbers of so many words. */
  #resized(list: Serials, width: number): Serials {
    const { count } = list;
    const room = count < roomOf(list) ? roomOf(list) : Math.max(count * 2, this.#expected, 16);
    const larger = { ...noSerials(width, room), count };
    larger.times.set(list.times);
    for (let index = 0; index < count; index++) {
      const words = list.words.subarray(index * list.width, (index + 1) * list.width);
      larger.words.set(words, (index + 1) * width - list.width);
    }
    return larger;
  }
}

/** The number in two's complement, as wide as the widest; false for one that is wider. */
function readSerial(bytes: Uint8Array, start: number, end: number, words: Uint32Array): boolean {
  if (end - start > maxOctets) return false;
  words.fill(bytes[start]! < 0x80 ? 0 : 0xffffffff);
  for (let at = start; at < end; at++) {
    const word = maxWords - 1 - ((end - 1 - at) >> 2);
    words[word] = (words[word]! << 8) | bytes[at]!;
  }
  return true;
}

const isSmall = (words: Uint32Array): boolean => (words[0]! | words[1]! | words[2]! | words[3]!) === 0;

const roomOf = ({ times }: Serials): number => times.length / timeWords;

/** Without the room that was left, by a copy if that was much. */
function fitted(list: Serials): Serials {
  const { words, width, count, times } = list;
  const isFull = roomOf(list) - count <= count / 8;
  const fit = <T extends Uint32Array | Uint16Array>(array: T, length: number): T =>
    (isFull ? array.subarray(0, length) : array.slice(0, length)) as T;
  return { ...list, words: fit(words, count * width), times: fit(times, count * timeWords) };
}

function rangeOf(serials: Uint32Array): SerialRange {
  let least = serials[0] ?? 0;
  let greatest = least;
  for (let index = 1; index < serials.length; index++) {
    const serial = serials[index]!;
    if (serial < least) least = serial;
    if (serial > greatest) greatest = serial;
  }
  return { least, greatest };
}

/** The times in the order of the serial numbers; of one number that is there twice the first. */
function inOrder({ words, times, count }: Serials, bitmap: SerialBitmap): Uint16Array {
  const ordered = new Uint16Array(bitmap.count * timeWords);
  for (let index = count - 1; index >= 0; index--) {
    const to = bitmap.indexOf(words[index]!) * timeWords;
    for (let word = 0; word < timeWords; word++) ordered[to + word] = times[index * timeWords + word]!;
  }
  return ordered;
}
