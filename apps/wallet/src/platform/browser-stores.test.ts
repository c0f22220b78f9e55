import { createPublicKey, verify } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { BrowserKeyStore } from "./device-keys.web.ts";
import { BrowserSecretStore } from "./secret-store.web.ts";

/** What IndexedDB is to these adapters: values by key, CryptoKeys as they are. */
class MemoryDatabase {
  readonly values = new Map<string, unknown>();

  async get(store: string, key: string): Promise<unknown> {
    return this.values.get(`${store}/${key}`);
  }
  async put(store: string, key: string, value: unknown): Promise<void> {
    this.values.set(`${store}/${key}`, value);
  }
  async putIfAbsent(store: string, key: string, value: unknown): Promise<unknown> {
    if (!this.values.has(`${store}/${key}`)) await this.put(store, key, value);
    return this.get(store, key);
  }
  async delete(store: string, key: string): Promise<void> {
    this.values.delete(`${store}/${key}`);
  }
}

describe("keys of a browser", () => {
  let database: MemoryDatabase;
  let keys: BrowserKeyStore;
  beforeEach(() => {
    database = new MemoryDatabase();
    keys = new BrowserKeyStore(database);
  });

  it("sign what node:crypto verifies, also after they were loaded", async () => {
    const { authentication } = await keys.create("one");
    const loaded = await keys.load("one");
    const data = new TextEncoder().encode("approved");
    const signature = await loaded.authentication.sign(data);
    const key = createPublicKey({ key: authentication.publicJwk, format: "jwk" });
    expect(verify("sha256", data, { key, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
  });

  it("are three different ones, and cannot be taken out", async () => {
    const { authentication, signing, agreement } = await keys.create("one");
    expect(new Set([authentication, signing, agreement].map(({ publicJwk }) => publicJwk.x)).size).toBe(3);
    const stored = [...database.values.values()][0] as Record<string, { privateKey: CryptoKey }>;
    for (const { privateKey } of Object.values(stored)) {
      expect(privateKey.extractable).toBe(false);
      await expect(crypto.subtle.exportKey("pkcs8", privateKey)).rejects.toThrow();
    }
  });

  it("claim no more than a browser can prove", () => {
    expect(keys.keyLevel).toBe("software");
  });

  it("are gone once they were deleted", async () => {
    await keys.create("one");
    await keys.delete("one");
    await expect(keys.load("one")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("secrets of a browser", () => {
  it("come back as they were, and lie sealed", async () => {
    const database = new MemoryDatabase();
    const secrets = new BrowserSecretStore(database);
    await secrets.set("wallet", "花子");
    expect(await new BrowserSecretStore(database).get("wallet")).toBe("花子");
    const { ciphertext } = database.values.get("secrets/wallet") as { ciphertext: ArrayBuffer };
    expect(Buffer.from(ciphertext).includes(Buffer.from("花子"))).toBe(false);
  });

  it("cannot be put in another's place", async () => {
    const database = new MemoryDatabase();
    const secrets = new BrowserSecretStore(database);
    await secrets.set("one", "1");
    await database.put("secrets", "two", await database.get("secrets", "one"));
    await expect(secrets.get("two")).rejects.toThrow();
  });

  it("are absent before they are set and after they were deleted", async () => {
    const secrets = new BrowserSecretStore(new MemoryDatabase());
    expect(await secrets.get("one")).toBeNull();
    await secrets.set("one", "1");
    await secrets.delete("one");
    expect(await secrets.get("one")).toBeNull();
  });
});
