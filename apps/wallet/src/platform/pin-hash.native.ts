import { pbkdf2Async } from "@noble/hashes/pbkdf2.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { PinHash } from "./ports.ts";

/**
 * Fewer rounds than in a browser: Hermes has no native PBKDF2, and here the record lies under the system's own key
 * store, which does not give it out to be guessed at.
 */
export const pinHash: PinHash = {
  iterations: 20_000,
  derive: (pin, salt, iterations) =>
    pbkdf2Async(sha256, new TextEncoder().encode(pin), salt, { c: iterations, dkLen: 32 }),
};
