import { gcm } from "@noble/ciphers/aes.js";
import { p256 } from "@noble/curves/nist.js";
import { type EnvelopeCrypto, fromBase64url, ProtocolError, toBase64url } from "@xid/protocol";
import { getRandomBytes } from "expo-crypto";

/** Hermes has no WebCrypto. */
export const envelopeCrypto: EnvelopeCrypto = {
  async agree({ x, y }) {
    const { secretKey } = p256.keygen(getRandomBytes(48));
    const own = p256.getPublicKey(secretKey, false);
    return {
      ephemeralKey: { kty: "EC", crv: "P-256", x: toBase64url(own.subarray(1, 33)), y: toBase64url(own.subarray(33)) },
      // SEC 1 §3.3.1: the x-coordinate, without the compressed point's first byte.
      sharedSecret: p256.getSharedSecret(secretKey, pointOf(x, y)).subarray(1),
    };
  },
  encrypt: async (key, { iv, plaintext, additionalData }) => gcm(key, iv, additionalData).encrypt(plaintext),
  randomBytes: (length) => Uint8Array.from(getRandomBytes(length)),
};

function pointOf(x: string, y: string): Uint8Array {
  const point = Uint8Array.of(4, ...fromBase64url(x), ...fromBase64url(y));
  try {
    p256.Point.fromBytes(point).assertValidity();
  } catch (cause) {
    throw new ProtocolError("MALFORMED", "not a P-256 public key", { cause });
  }
  return point;
}
