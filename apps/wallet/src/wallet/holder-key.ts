import { p256 } from "@noble/curves/nist.js";
import { type SigningKey, toBase64url } from "@xid/protocol";

/** A key for the content of one envelope: it lives as long as the object, and nothing else of the device is told by it. */
export function createHolderKey(randomBytes: (length: number) => Uint8Array): SigningKey {
  const { secretKey, publicKey } = p256.keygen(randomBytes(48));
  const point = p256.Point.fromBytes(publicKey).toBytes(false);
  return {
    publicJwk: { kty: "EC", crv: "P-256", x: toBase64url(point.subarray(1, 33)), y: toBase64url(point.subarray(33)) },
    sign: async (data) => p256.sign(data, secretKey),
  };
}
