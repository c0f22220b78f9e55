import { sha256 } from "@noble/hashes/sha2.js";
import { computeSignature } from "./compute-signature.ts";
import { type RsaPublicKey, verifySignature } from "./rsa.ts";
import type { CardTransport } from "./transport.ts";

/** The selected application's own key signs the challenge (RSASSA-PKCS1-v1_5 with SHA-256), 256 bytes. No PIN. */
export function provePresence(transport: CardTransport, challenge: Uint8Array): Promise<Uint8Array> {
  return computeSignature(transport, { mode: "digest", p2: 0x00, input: sha256(challenge) });
}

/**
 * Verifies what `provePresence` gave: the chip with this key was there after the challenge was known. Throws
 * `NOT_AUTHENTIC`. The challenge must be fresh and the verifier's own, and the key one that the issuer signed.
 */
export function verifyPresence(presenceKey: RsaPublicKey, challenge: Uint8Array, signature: Uint8Array): void {
  verifySignature(presenceKey, challenge, signature);
}
