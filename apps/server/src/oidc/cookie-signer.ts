import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";

/**
 * Signs the provider's cookies (HMAC-SHA-256), in the shape of the library's `keygrip`: the first key signs, every key
 * is accepted, and `index` says which one made a signature.
 */
export class CookieSigner {
  readonly #keys: readonly KeyObject[];

  constructor(keys: readonly KeyObject[]) {
    this.#keys = keys;
  }

  sign(data: string): string {
    return mac(this.#keys[0] as KeyObject, data).toString("base64url");
  }

  /** -1 if no key of ours made it. */
  index(data: string, signature: string): number {
    const given = Buffer.from(signature, "base64url");
    return this.#keys.findIndex((key) => {
      const expected = mac(key, data);
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }

  verify(data: string, signature: string): boolean {
    return this.index(data, signature) >= 0;
  }
}

function mac(key: KeyObject, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}
