import { generateKeyPairSync, sign, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WalletError } from "../wallet-error.ts";
import { fromDerSignature } from "./ecdsa-signature.ts";

const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

describe("a DER signature", () => {
  it("becomes r and s, which node:crypto verifies", () => {
    for (let time = 0; time < 200; time++) {
      const data = Buffer.from(`${time}`);
      const raw = fromDerSignature(sign("sha256", data, privateKey));
      expect(verify("sha256", data, { key: publicKey, dsaEncoding: "ieee-p1363" }, raw)).toBe(true);
    }
  });

  it("is our error for any other bytes", () => {
    const take = (bytes: Uint8Array) => {
      try {
        expect(fromDerSignature(bytes)).toHaveLength(64);
      } catch (error) {
        expect(error).toBeInstanceOf(WalletError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), take));
    const whole = sign("sha256", Buffer.from("x"), privateKey);
    for (let length = 0; length < whole.length; length++) take(whole.subarray(0, length));
  });
});
