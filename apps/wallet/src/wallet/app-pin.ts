import { fromBase64url, toBase64url } from "@xid/protocol";
import type { PinHash, SecretStore } from "../platform/ports.ts";

type PinRecord = { salt: string; iterations: number; hash: string; triesLeft: number };

export type PinAnswer = { state: "right" } | { state: "wrong"; triesLeft: number } | { state: "blocked" };

export const pinLength = 6;
export const pinTries = 5;
const secret = "app-pin";

/**
 * The app's own six digits. A wrong one costs a try, counted before the answer is known, so that killing the app in the
 * middle gains nothing. After `pinTries` wrong ones only a new PIN, after the card has been read again, helps.
 */
export class AppPin {
  readonly #secrets: SecretStore;
  readonly #hash: PinHash;
  readonly #randomBytes: (length: number) => Uint8Array<ArrayBuffer>;

  constructor(secrets: SecretStore, hash: PinHash, randomBytes: (length: number) => Uint8Array<ArrayBuffer>) {
    this.#secrets = secrets;
    this.#hash = hash;
    this.#randomBytes = randomBytes;
  }

  /** False, and nothing changes, when there is a PIN already: another window may have set one. `isPin(pin)` must hold. */
  setFirst(pin: string): Promise<boolean> {
    return this.#secrets.exclusive(async () => {
      if (await this.#read()) return false;
      await this.#set(pin);
      return true;
    });
  }

  /** Whether the caller may is not checked here. Also gives back all tries. `isPin(pin)` must hold. */
  replace(pin: string): Promise<void> {
    return this.#secrets.exclusive(() => this.#set(pin));
  }

  /** How many tries are left; 0 is blocked, null when no PIN was set. */
  async triesLeft(): Promise<number | null> {
    return (await this.#read())?.triesLeft ?? null;
  }

  check(pin: string): Promise<PinAnswer> {
    return this.#secrets.exclusive(async () => {
      const record = await this.#read();
      if (!record || record.triesLeft <= 0) return { state: "blocked" };
      const triesLeft = record.triesLeft - 1;
      await this.#write({ ...record, triesLeft });
      const hash = await this.#hash.derive(pin, fromBase64url(record.salt), record.iterations);
      if (isEqual(hash, fromBase64url(record.hash))) {
        await this.#write({ ...record, triesLeft: pinTries });
        return { state: "right" };
      }
      return triesLeft > 0 ? { state: "wrong", triesLeft } : { state: "blocked" };
    });
  }

  async #set(pin: string): Promise<void> {
    const salt = this.#randomBytes(16);
    const { iterations } = this.#hash;
    const hash = toBase64url(await this.#hash.derive(pin, salt, iterations));
    await this.#write({ salt: toBase64url(salt), iterations, hash, triesLeft: pinTries });
  }

  async #read(): Promise<PinRecord | null> {
    const text = await this.#secrets.get(secret);
    return text ? (JSON.parse(text) as PinRecord) : null;
  }

  #write(record: PinRecord): Promise<void> {
    return this.#secrets.set(secret, JSON.stringify(record));
  }
}

/** Digits as typed or pasted: full-width ones and separators are taken too. */
export function normalizePin(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[^0-9]/g, "")
    .slice(0, pinLength);
}

export function isPin(text: string): boolean {
  return /^[0-9]{6}$/.test(text);
}

/** One digit six times, or a run up or down: the first that anyone tries. */
export function isSimplePin(pin: string): boolean {
  const steps = new Set(Array.from(pin.slice(1), (digit, index) => Number(digit) - Number(pin[index])));
  return steps.size === 1 && [-1, 0, 1].includes([...steps][0]!);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (const [index, byte] of a.entries()) difference |= byte ^ b[index]!;
  return difference === 0;
}
