import { constants, hash, privateEncrypt, sign, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import { matchesRsaSignature } from "./rsa-signature.ts";
import { rsaKeyPair } from "./testing/authority.ts";

const { publicKey, privateKey } = rsaKeyPair();
const data = Buffer.from("statement");
const octets = 256;
const matches = (signature: Uint8Array, algorithm: "sha256" | "sha384" | "sha512" = "sha256") =>
  matchesRsaSignature(publicKey, octets, { hash: algorithm, message: { data }, signature });

const sha256Info = Buffer.from("3031300d060960864801650304020105000420", "hex");
const digest = hash("sha256", data, "buffer");

/** The signature whose opened form is exactly these octets after 00. */
const signatureOf = (...encoded: Uint8Array[]): Buffer => {
  const block = Buffer.alloc(octets);
  const content = Buffer.concat(encoded);
  content.copy(block, 1);
  return privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, block);
};
const padded = (info: Uint8Array, ...after: Uint8Array[]): Buffer[] => {
  const length = Buffer.concat([info, ...after]).length;
  return [
    Buffer.of(1),
    Buffer.alloc(octets - length - 3, 0xff),
    Buffer.of(0),
    Buffer.from(info),
    ...after.map(Buffer.from),
  ];
};

describe("RSASSA-PKCS1-v1_5", () => {
  test.each(["sha256", "sha384", "sha512"] as const)("accepts what node:crypto signs with %s", (algorithm) => {
    expect(matches(sign(algorithm, data, privateKey), algorithm)).toBe(true);
  });

  test("accepts the one encoding of the digest", () => {
    expect(matches(signatureOf(...padded(Buffer.concat([sha256Info, digest]))))).toBe(true);
  });

  const noNull = Buffer.from("302f300b0609608648016503040201" + "0420", "hex");
  test.each([
    ["a digest of other data", padded(sha256Info, hash("sha256", "other", "buffer"))],
    ["octets behind the digest and less padding", padded(sha256Info, digest, Buffer.alloc(100))],
    [
      "octets behind the digest and the least padding",
      [Buffer.of(1), Buffer.alloc(8, 0xff), Buffer.of(0), sha256Info, digest, Buffer.alloc(194)],
    ],
    ["a cut digest", padded(sha256Info, digest.subarray(1))],
    ["the digest alone", padded(digest)],
    ["DigestInfo without NULL", padded(noNull, digest)],
    ["the name of another hash", padded(Buffer.from("3031300d060960864801650304020405000420", "hex"), digest)],
    ["padding of another octet", [Buffer.of(1), Buffer.alloc(201, 0xff), Buffer.of(0xfe, 0), sha256Info, digest]],
    ["padding for encryption", [Buffer.of(2), Buffer.alloc(202, 0xff), Buffer.of(0), sha256Info, digest]],
  ])("refuses %s", (_, encoded) => {
    const signature = signatureOf(...encoded);
    expect(matches(signature)).toBe(false);
    expect(verify("sha256", data, publicKey, signature)).toBe(false);
  });

  test("refuses a signature of another length, also one that only lost or gained leading zeros", () => {
    const signature = sign("sha256", data, privateKey);
    expect(matches(signature.subarray(1))).toBe(false);
    expect(matches(Buffer.concat([Buffer.of(0), signature]))).toBe(false);
    expect(matches(Buffer.alloc(0))).toBe(false);
  });

  test("refuses a number that is not below the modulus, and RSASSA-PSS", () => {
    expect(matches(Buffer.alloc(octets, 0xff))).toBe(false);
    expect(matches(sign("sha256", data, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING }))).toBe(false);
  });
});
