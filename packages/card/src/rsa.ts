import { sha256 } from "@noble/hashes/sha2.js";
import { CardError } from "./card-error.ts";
import { concatenate } from "./concatenate.ts";
import { digestInfo } from "./digest-info.ts";
import { equalInConstantTime } from "./equal-in-constant-time.ts";
import { toHex } from "./hex.ts";

/** An RSA-2048 key: 256 bytes of modulus, and the exponent; both unsigned, most significant byte first. */
export type RsaPublicKey = { modulus: Uint8Array; exponent: Uint8Array };

const size = 256;
const digestSize = 32;

/**
 * RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2) with a DigestInfo of SHA-256 that holds one digest, or several one after the other.
 * Throws `NOT_AUTHENTIC`. Written out because WebCrypto knows no signature over the three digests of the card's face,
 * and Hermes knows no WebCrypto; only public values go in.
 */
export function verifyRsaSignature(key: RsaPublicKey, digests: Uint8Array[], signature: Uint8Array): void {
  if (signature.length !== size) throw notAuthentic();
  const signed = digestInfo("SHA-256", concatenate(...digests));
  const expected = new Uint8Array(size).fill(0xff);
  expected.set([0x00, 0x01]);
  expected[size - signed.length - 1] = 0x00;
  expected.set(signed, size - signed.length);
  if (!equalInConstantTime(publicOperation(key, signature), expected)) throw notAuthentic();
}

/** RSAES-OAEP with SHA-256 and no label (RFC 8017 §7.1.1). `randomBytes` must be a cryptographic generator. */
export function encryptOaep(
  key: RsaPublicKey,
  message: Uint8Array,
  randomBytes: (size: number) => Uint8Array,
): Uint8Array {
  const block = new Uint8Array(size - digestSize - 1);
  if (message.length > block.length - digestSize - 1) throw new RangeError("too long for OAEP");
  block.set(sha256(new Uint8Array()));
  block[block.length - message.length - 1] = 0x01;
  block.set(message, block.length - message.length);
  const seed = randomBytes(digestSize);
  const maskedBlock = xor(block, mask(seed, block.length));
  const maskedSeed = xor(seed, mask(maskedBlock, digestSize));
  return publicOperation(key, concatenate(Uint8Array.of(0x00), maskedSeed, maskedBlock));
}

/** Throws `MALFORMED_RESPONSE` for a modulus that is not of 2048 bits, or an exponent that is even, 1 or above 32 bits. */
export function checkRsaKey({ modulus, exponent }: RsaPublicKey): void {
  const last = exponent.at(-1) ?? 0;
  const exponentIsOdd = (last & 1) === 1 && toBigInt(exponent) > 1n && exponent.length <= 4;
  if (modulus.length !== size || modulus[0]! < 0x80 || (modulus.at(-1)! & 1) === 0 || !exponentIsOdd) {
    throw new CardError("MALFORMED_RESPONSE", "not an RSA-2048 key");
  }
}

/** RSAVP1, RSAEP (RFC 8017 §5). Not in constant time: what is secret in it, OAEP's block, is used once and looks random. */
function publicOperation(key: RsaPublicKey, input: Uint8Array): Uint8Array {
  checkRsaKey(key);
  const modulus = toBigInt(key.modulus);
  const base = toBigInt(input);
  if (base >= modulus) throw notAuthentic();
  let result = 1n;
  for (const bit of toBigInt(key.exponent).toString(2)) {
    result = (result * result) % modulus;
    if (bit === "1") result = (result * base) % modulus;
  }
  const digits = result.toString(16).padStart(2 * size, "0");
  return Uint8Array.from({ length: size }, (_, index) => Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16));
}

/** MGF1 with SHA-256 (RFC 8017 B.2.1). */
function mask(seed: Uint8Array, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / digestSize) }, (_, counter) =>
    sha256(concatenate(seed, Uint8Array.of(0, 0, 0, counter))),
  );
  return concatenate(...blocks).subarray(0, length);
}

function xor(first: Uint8Array, second: Uint8Array): Uint8Array {
  return first.map((byte, index) => byte ^ second[index]!);
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x0${toHex(bytes)}`);
}

function notAuthentic(): CardError {
  return new CardError("NOT_AUTHENTIC", "the signature does not belong to these data");
}
