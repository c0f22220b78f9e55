import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  SignJWT,
} from "jose";
import { z } from "zod";
import { readOrCreateKeyFile } from "../store/key-file.ts";
import { CookieSigner } from "./cookie-signer.ts";

const secret = z.base64url().transform((text) => createSecretKey(Buffer.from(text, "base64url")));

/**
 * `keys/openid.json`. In each list the first entry is the one in use; older ones stay behind it, published and
 * accepted, until nothing made with them is alive any more.
 */
const ProviderKeyFile = z.strictObject({
  /** Private JWKs with `kid`, `alg`, `use`. */
  signing: z
    .array(z.looseObject({ kty: z.enum(["EC", "RSA"]), kid: z.string(), alg: z.enum(["ES256", "RS256"]) }))
    .min(1),
  cookies: z.array(secret).min(1),
  /** Never rotated: another key would make strangers of all residents. */
  pairwise: secret,
});

export type ProviderKeys = {
  /** Private JWK set of the provider. */
  jwks: { keys: JWK[] };
  cookies: CookieSigner;
  pairwise: KeyObject;
};

export async function loadProviderKeys(keyDirectory: string): Promise<ProviderKeys> {
  const text = await readOrCreateKeyFile(keyDirectory, "openid.json", async () =>
    JSON.stringify({
      signing: [await createSigningKey("ES256"), await createSigningKey("RS256")],
      cookies: [randomBytes(32).toString("base64url")],
      pairwise: randomBytes(32).toString("base64url"),
    }),
  );
  const { signing, cookies, pairwise } = ProviderKeyFile.parse(JSON.parse(text));
  return { jwks: { keys: signing }, cookies: new CookieSigner(cookies), pairwise };
}

/** Signs JWTs as the issuer: with ES256, which every receiver takes. */
export function tokenSigner({ jwks }: ProviderKeys): (typ: string, claims: object) => Promise<string> {
  const jwk = jwks.keys.find(({ alg }) => alg === "ES256");
  if (!jwk?.kid) throw new TypeError("the provider has no key for ES256");
  const key = importJWK(jwk, "ES256");
  const { kid } = jwk;
  return async (typ, claims) =>
    new SignJWT(claims as JWTPayload).setProtectedHeader({ alg: "ES256", kid, typ }).sign(await key);
}

/** `kid` is the thumbprint (RFC 7638), so it tells nothing and is never used twice. */
async function createSigningKey(alg: "ES256" | "RS256"): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: "sig" };
}
