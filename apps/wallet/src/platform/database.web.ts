import { WalletError } from "../wallet-error.ts";

const storeNames = ["keys", "secrets"] as const;
type StoreName = (typeof storeNames)[number];

/** The app's IndexedDB: CryptoKeys in `keys`, sealed texts in `secrets`. */
export class BrowserDatabase {
  readonly #name: string;
  readonly #factory: IDBFactory;
  #database: Promise<IDBDatabase> | undefined;

  constructor(name: string, factory: IDBFactory = indexedDB) {
    this.#name = name;
    this.#factory = factory;
  }

  get(store: StoreName, key: string): Promise<unknown> {
    return this.#run(store, "readonly", (objects) => objects.get(key));
  }

  async put(store: StoreName, key: string, value: unknown): Promise<void> {
    await this.#run(store, "readwrite", (objects) => objects.put(value, key));
  }

  /** Puts `value` unless there is one already, in one transaction, and gives what is there then. */
  async putIfAbsent(store: StoreName, key: string, value: unknown): Promise<unknown> {
    await this.#run(store, "readwrite", (objects) => objects.add(value, key)).catch((error: WalletError) => {
      if ((error.cause as DOMException | undefined)?.name !== "ConstraintError") throw error;
    });
    return this.get(store, key);
  }

  async delete(store: StoreName, key: string): Promise<void> {
    await this.#run(store, "readwrite", (objects) => objects.delete(key));
  }

  async #run<T>(store: StoreName, mode: IDBTransactionMode, work: (objects: IDBObjectStore) => IDBRequest<T>) {
    const database = await this.#open();
    return new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(store, mode, { durability: "strict" });
      const request = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(unavailable(request.error ?? transaction.error));
    });
  }

  #open(): Promise<IDBDatabase> {
    this.#database ??= new Promise((resolve, reject) => {
      const request = this.#factory.open(this.#name, 1);
      request.onupgradeneeded = () => {
        for (const name of storeNames) request.result.createObjectStore(name);
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(unavailable(request.error));
      request.onblocked = () => reject(unavailable(undefined));
    });
    return this.#database;
  }
}

function unavailable(cause: unknown): WalletError {
  return new WalletError("UNAVAILABLE", "the browser does not let the app keep anything", cause);
}
