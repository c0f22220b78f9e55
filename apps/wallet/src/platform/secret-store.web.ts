import type { BrowserDatabase } from "./database.web.ts";
import type { SecretStore } from "./ports.ts";

type Sealed = { iv: Uint8Array<ArrayBuffer>; ciphertext: ArrayBuffer };

/**
 * Texts in IndexedDB under AES-256-GCM, by a key that the browser does not give out. This keeps them from being read
 * off the disk as they stand; it does not keep them from whoever can run code in this origin.
 */
export class BrowserSecretStore implements SecretStore {
  readonly #database: Pick<BrowserDatabase, "get" | "put" | "putIfAbsent" | "delete">;

  constructor(database: Pick<BrowserDatabase, "get" | "put" | "putIfAbsent" | "delete">) {
    this.#database = database;
  }

  async get(key: string): Promise<string | null> {
    const sealed = (await this.#database.get("secrets", key)) as Sealed | undefined;
    if (!sealed) return null;
    const { iv, ciphertext } = sealed;
    const algorithm = { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(key) };
    return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, await this.#key(), ciphertext));
  }

  async set(key: string, value: string): Promise<void> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const algorithm = { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(key) };
    const ciphertext = await crypto.subtle.encrypt(algorithm, await this.#key(), new TextEncoder().encode(value));
    await this.#database.put("secrets", key, { iv, ciphertext } satisfies Sealed);
  }

  delete(key: string): Promise<void> {
    return this.#database.delete("secrets", key);
  }

  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return navigator.locks.request("xid-secrets", work) as Promise<T>;
  }

  async #key(): Promise<CryptoKey> {
    const stored = (await this.#database.get("keys", "secrets")) as CryptoKey | undefined;
    if (stored) return stored;
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    return (await this.#database.putIfAbsent("keys", "secrets", key)) as CryptoKey;
  }
}
