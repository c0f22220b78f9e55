import { createHash } from "node:crypto";

const modulusSize = 256;

/** EMSA-PSS-ENCODE (RFC 8017 §9.1.1) of a SHA-256 digest for RSA-2048: MGF1 with SHA-256, salt of the digest's length. */
export function encodePss(digest: Uint8Array, salt: Uint8Array): Buffer {
  const sha256 = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
  const hash = sha256(new Uint8Array(8), digest, salt);
  const data = Buffer.alloc(modulusSize - hash.length - 1);
  data[data.length - salt.length - 1] = 0x01;
  data.set(salt, data.length - salt.length);
  for (let block = 0; block * 32 < data.length; block++) {
    const mask = sha256(hash, Uint8Array.of(0, 0, 0, block));
    for (let index = block * 32; index < Math.min(data.length, block * 32 + 32); index++) {
      data[index]! ^= mask[index % 32]!;
    }
  }
  // emBits is 2047: the first bit stays clear.
  data[0]! &= 0x7f;
  return Buffer.concat([data, hash, Uint8Array.of(0xbc)]);
}
