import type { SigningKey } from "./jws.ts";

/** A key for one presentation, made by WebCrypto; it cannot be taken out, and is gone with the object. */
export async function createHolderKey(): Promise<SigningKey> {
  const ecdsa = { name: "ECDSA", namedCurve: "P-256" } as const;
  const pair = await crypto.subtle.generateKey(ecdsa, false, ["sign", "verify"]);
  const { x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return {
    publicJwk: { kty: "EC", crv: "P-256", x: x as string, y: y as string },
    sign: async (data) =>
      new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, data)),
  };
}
