import * as SecureStore from "expo-secure-store";
import type { SecretStore } from "./ports.ts";

/** Keychains take about 2 KB at a time. */
const pieceLength = 1800;
const options: SecureStore.SecureStoreOptions = {
  keychainAccessible: SecureStore.WHEN_UNLOCKED_THIS_DEVICE_ONLY,
};

/** Keychain or Keystore-sealed preferences, on this device only, in pieces: `<key>` holds how many, `<key>.0` … the rest. */
export class PhoneSecretStore implements SecretStore {
  #queue: Promise<unknown> = Promise.resolve();

  async get(key: string): Promise<string | null> {
    const count = await this.#countPieces(key);
    if (count === 0) return null;
    const pieces = await Promise.all(range(count).map((index) => SecureStore.getItemAsync(`${key}.${index}`, options)));
    return pieces.every((piece) => piece !== null) ? pieces.join("") : null;
  }

  async set(key: string, value: string): Promise<void> {
    const before = await this.#countPieces(key);
    const count = Math.max(1, Math.ceil(value.length / pieceLength));
    for (const index of range(count)) {
      const piece = value.slice(index * pieceLength, (index + 1) * pieceLength);
      await SecureStore.setItemAsync(`${key}.${index}`, piece, options);
    }
    await SecureStore.setItemAsync(key, String(count), options);
    for (const index of range(before).slice(count)) await SecureStore.deleteItemAsync(`${key}.${index}`, options);
  }

  async delete(key: string): Promise<void> {
    const count = await this.#countPieces(key);
    await SecureStore.deleteItemAsync(key, options);
    for (const index of range(count)) await SecureStore.deleteItemAsync(`${key}.${index}`, options);
  }

  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #countPieces(key: string): Promise<number> {
    return Number((await SecureStore.getItemAsync(key, options)) ?? 0);
  }
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
