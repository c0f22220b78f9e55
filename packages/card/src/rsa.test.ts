import {
  constants,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  privateEncrypt,
  randomBytes,
  sign,
} from "node:crypto";
import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, test } from "vitest";
import { digestInfo } from "./digest-info.ts";
import { checkRsaKey, encryptOaep, type RsaPublicKey, verifyRsaSignature } from "./rsa.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = rsaKey(publicKey);
const message = new TextEncoder().encode("券面事項");
const signature = new Uint8Array(sign("sha256", message, privateKey));

function rsaKey(object: KeyObject): RsaPublicKey {
  const { n, e } = object.export({ format: "jwk" });
  return { modulus: Buffer.from(n!, "base64url"), exponent: Buffer.from(e!, "base64url") };
}

describe("a signature", () => {
  test("that OpenSSL made is verified", () => {
    verifyRsaSignature(key, [sha256(message)], signature);
  });

  test("over several digests at once is verified as such, and as nothing else", () => {
    const digests = ["a", "b", "c"].map((text) => sha256(Buffer.from(text)));
    const padding = constants.RSA_PKCS1_PADDING;
    const made = privateEncrypt({ key: privateKey, padding }, digestInfo("SHA-256", Buffer.concat(digests)));
    expect(toHex(digestInfo("SHA-256", Buffer.concat(digests)).subarray(0, 2))).toBe("3071");
    verifyRsaSignature(key, digests, made);
    const notAuthentic = expect.objectContaining({ code: "NOT_AUTHENTIC" });
    expect(() => verifyRsaSignature(key, digests.toReversed(), made)).toThrow(notAuthentic);
    expect(() => verifyRsaSignature(key, digests.slice(0, 2), made)).toThrow(notAuthentic);
  });

  const anotherKey = rsaKey(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey);
  const withBit = (bytes: Uint8Array, index: number) => bytes.map((byte, at) => (at === index ? byte ^ 0x01 : byte));
  const raw = (block: Uint8Array) => privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, block);
  const info = digestInfo("SHA-256", sha256(message));
  const block = (...parts: (number[] | Uint8Array)[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
  test.each([
    ["of another message", key, Buffer.from("another"), signature],
    ["by another key", anotherKey, message, signature],
    ["with a bit changed at its beginning", key, message, withBit(signature, 1)],
    ["with a bit changed at its end", key, message, withBit(signature, 255)],
    ["that is a byte short", key, message, signature.subarray(1)],
    ["with a zero before it", key, message, block([0], signature)],
    ["not below the modulus", key, message, new Uint8Array(256).fill(0xff)],
    ["with padding of type 2", key, message, raw(block([0, 2], new Uint8Array(202).fill(0xff), [0], info))],
    // The forgery that a lax parser of exponent 3 lets pass: short padding and room behind the digest.
    [
      "with something behind the digest",
      key,
      message,
      raw(block([0, 1], new Uint8Array(194).fill(0xff), [0], info, new Uint8Array(8))),
    ],
    ["with SHA-1's DigestInfo", key, message, new Uint8Array(sign("sha1", message, privateKey))],
    ["with SHA-512's DigestInfo", key, message, new Uint8Array(sign("sha512", message, privateKey))],
  ])("%s is NOT_AUTHENTIC", (_, publicKey, content, wrong) => {
    expect(() => verifyRsaSignature(publicKey, [sha256(content)], wrong)).toThrow(
      expect.objectContaining({ code: "NOT_AUTHENTIC" }),
    );
  });
});

test.each([
  ["a modulus of 1024 bits", { ...key, modulus: key.modulus.slice(128) }],
  ["a modulus of 2047 bits", { ...key, modulus: Uint8Array.from(key.modulus, (byte, at) => (at === 0 ? 0x7f : byte)) }],
  ["an even modulus", { ...key, modulus: Uint8Array.from(key.modulus, (byte, at) => (at === 255 ? 0x02 : byte)) }],
  ["the exponent 1", { ...key, exponent: Uint8Array.of(1) }],
  ["no exponent", { ...key, exponent: new Uint8Array() }],
  ["an even exponent", { ...key, exponent: Uint8Array.of(4) }],
  ["an exponent of 40 bits", { ...key, exponent: Uint8Array.of(1, 0, 0, 0, 1) }],
])("a key with %s is MALFORMED_RESPONSE", (_, wrong) => {
  expect(() => checkRsaKey(wrong)).toThrow(expect.objectContaining({ code: "MALFORMED_RESPONSE" }));
});

test("what is encrypted with OAEP is decrypted by OpenSSL", () => {
  const plain = randomBytes(36);
  const decrypt = (encrypted: Uint8Array) =>
    privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }, encrypted);
  expect(decrypt(encryptOaep(key, plain, randomBytes))).toEqual(plain);
  expect(decrypt(encryptOaep(key, new Uint8Array(190), randomBytes))).toEqual(Buffer.alloc(190));
  expect(() => encryptOaep(key, new Uint8Array(191), randomBytes)).toThrow(RangeError);
});

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
