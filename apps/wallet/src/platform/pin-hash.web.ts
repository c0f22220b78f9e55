import type { PinHash } from "./ports.ts";

/** PBKDF2 of WebCrypto, with the number of rounds that OWASP asks for with SHA-256. */
export const pinHash: PinHash = {
  iterations: 600_000,
  async derive(pin, salt, iterations) {
    const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
    return new Uint8Array(
      await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, key, 256),
    );
  },
};
