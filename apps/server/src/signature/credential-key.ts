import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { type EcJwk, keyThumbprint, type SigningKey } from "@xid/protocol";
import { z } from "zod";
import { readOrCreateKeyFile } from "../store/key-file.ts";

/** With which the platform signs credentials; `kid` is its thumbprint (RFC 7638). */
export type CredentialKey = SigningKey & { kid: string };

/** `keys/credential.json`: private P-256 JWKs. The first signs; older ones are published until nothing of theirs lives. */
const KeyFile = z.strictObject({
  signing: z
    .array(
      z.strictObject({ kty: z.literal("EC"), crv: z.literal("P-256"), x: z.string(), y: z.string(), d: z.string() }),
    )
    .min(1),
});

/** Made at the first start. Throws on a damaged file. */
export async function loadCredentialKeys(keyDirectory: string): Promise<[CredentialKey, ...CredentialKey[]]> {
  const text = await readOrCreateKeyFile(keyDirectory, "credential.json", () =>
    JSON.stringify({
      signing: [generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" })],
    }),
  );
  const [first, ...older] = KeyFile.parse(JSON.parse(text)).signing.map(toCredentialKey);
  return [first!, ...older];
}

function toCredentialKey(jwk: z.infer<typeof KeyFile>["signing"][number]): CredentialKey {
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  const { kty, crv, x, y } = createPublicKey(key).export({ format: "jwk" });
  const publicJwk = { kty, crv, x, y } as EcJwk;
  return {
    publicJwk,
    kid: keyThumbprint(publicJwk),
    sign: async (data) => sign("sha256", data, { key, dsaEncoding: "ieee-p1363" }),
  };
}
