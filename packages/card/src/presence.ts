import { sha256, sha384 } from "@noble/hashes/sha2.js";
import { type CardPublicKey, verifySignature } from "./card-public-key.ts";
import { computeSignature, type KeyKind } from "./compute-signature.ts";
import type { CardTransport } from "./transport.ts";

/** The selected application's own key signs the challenge, as `verifyPresence` verifies it. No PIN. */
export function provePresence(transport: CardTransport, kind: KeyKind, challenge: Uint8Array): Promise<Uint8Array> {
  const input = kind === "rsa" ? sha256(challenge) : sha384(challenge);
  return computeSignature(transport, { kind, mode: "digest", p2: 0x00, input });
}

/**
 * Verifies what `provePresence` gave: the chip with this key was there after the challenge was known. Throws
 * `NOT_AUTHENTIC`. The challenge must be fresh and the verifier's own, and the key one that the issuer signed.
 */
export function verifyPresence(presenceKey: CardPublicKey, challenge: Uint8Array, signature: Uint8Array): void {
  verifySignature(presenceKey, challenge, signature);
}
