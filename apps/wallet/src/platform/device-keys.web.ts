import type { EcJwk, SigningKey } from "@xid/protocol";
import type { DeviceKeys } from "@xid/protocol/wallet-client";
import { WalletError } from "../wallet-error.ts";
import type { BrowserDatabase } from "./database.web.ts";
import type { DeviceKeyStore } from "./ports.ts";

type StoredKey = { publicJwk: EcJwk; privateKey: CryptoKey };
type StoredKeys = { authentication: StoredKey; signing: StoredKey; agreement: StoredKey };

/**
 * P-256 keys of WebCrypto, not extractable, in IndexedDB. The level is `software`: a browser proves nothing about where
 * it keeps them, and code in this origin could use them.
 */
export class BrowserKeyStore implements DeviceKeyStore {
  readonly keyLevel = "software";
  readonly #database: Pick<BrowserDatabase, "get" | "put" | "delete">;

  constructor(database: Pick<BrowserDatabase, "get" | "put" | "delete">) {
    this.#database = database;
  }

  async create(name: string): Promise<DeviceKeys> {
    const stored: StoredKeys = {
      authentication: await generate("ECDSA"),
      signing: await generate("ECDSA"),
      agreement: await generate("ECDH"),
    };
    await this.#database.put("keys", entry(name), stored);
    return toDeviceKeys(stored);
  }

  async load(name: string): Promise<DeviceKeys> {
    const stored = (await this.#database.get("keys", entry(name))) as StoredKeys | undefined;
    if (!stored) throw new WalletError("UNAVAILABLE", "the browser no longer has these keys");
    return toDeviceKeys(stored);
  }

  delete(name: string): Promise<void> {
    return this.#database.delete("keys", entry(name));
  }
}

function entry(name: string): string {
  return `device:${name}`;
}

async function generate(name: "ECDSA" | "ECDH"): Promise<StoredKey> {
  const usages: KeyUsage[] = name === "ECDSA" ? ["sign", "verify"] : ["deriveBits"];
  const pair = (await crypto.subtle.generateKey({ name, namedCurve: "P-256" }, false, usages)) as CryptoKeyPair;
  const { x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  if (!x || !y) throw new WalletError("MALFORMED", "the browser made a key without a point");
  return { publicJwk: { kty: "EC", crv: "P-256", x, y }, privateKey: pair.privateKey };
}

function toDeviceKeys(stored: StoredKeys): DeviceKeys {
  return {
    authentication: toSigningKey(stored.authentication),
    signing: toSigningKey(stored.signing),
    agreement: { publicJwk: stored.agreement.publicJwk },
  };
}

function toSigningKey({ publicJwk, privateKey }: StoredKey): SigningKey {
  return {
    publicJwk,
    sign: async (data) =>
      new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, data)),
  };
}
