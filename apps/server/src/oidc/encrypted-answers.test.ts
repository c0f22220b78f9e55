import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasTool, runTool } from "@xid/pki/testing";
import { compactDecrypt, createRemoteJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentEncryptions, keyEncryptions } from "./algorithms.ts";
import { redirectUri, TestClient } from "./test-client.ts";
import { registerClient, startTestProvider, type TestProvider } from "./test-provider.ts";

let op: TestProvider;
beforeAll(async () => {
  op = await startTestProvider();
});
afterAll(() => op.close());

async function encryptionKey(alg: string) {
  const { privateKey, publicKey } = await generateKeyPair(alg, {
    extractable: true,
    modulusLength: 2048,
    crv: "P-256",
  });
  return {
    privateKey,
    privateJwk: await exportJWK(privateKey),
    jwk: { ...(await exportJWK(publicKey)), kid: "enc-1" },
  };
}

/** Encrypted, signed inside: the ID token and UserInfo of one sign-in. */
async function answersFor(alg: string, enc: string, jwk: JWK) {
  const encrypted = (name: string) => ({
    [`${name}_encrypted_response_alg`]: alg,
    [`${name}_encrypted_response_enc`]: enc,
  });
  const client = await TestClient.register(
    op,
    { xid_profile: "fapi2", userinfo_signed_response_alg: "ES256", ...encrypted("id_token"), ...encrypted("userinfo") },
    [{ ...jwk, use: "enc" }],
  );
  const { parameters, verifier } = client.authorization();
  const callback = await client.signIn(await client.post("/par", parameters));
  const { body } = await client.redeem(String(callback.searchParams.get("code")), verifier);
  const ath = createHash("sha256").update(String(body.access_token)).digest("base64url");
  const headers = {
    authorization: `DPoP ${body.access_token}`,
    dpop: await client.proof("GET", `${op.issuer}/userinfo`, { ath }),
  };
  const info = await fetch(`${op.issuer}/userinfo`, { headers });
  expect(info.headers.get("content-type")).toContain("application/jwt");
  return { client, parameters, idToken: String(body.id_token), userInfo: await info.text() };
}

describe("answers encrypted to the client's key", () => {
  const ways = keyEncryptions.flatMap((alg) => contentEncryptions.map((enc) => [alg, enc] as const));

  test.each(ways)("%s with %s: a signed JWT inside", async (alg, enc) => {
    const { privateKey, jwk } = await encryptionKey(alg);
    const { client, parameters, idToken, userInfo } = await answersFor(alg, enc, jwk);
    const keys = createRemoteJWKSet(new URL(`${op.issuer}/jwks`));
    for (const jwe of [idToken, userInfo]) {
      const { plaintext, protectedHeader } = await compactDecrypt(jwe, privateKey);
      expect(protectedHeader).toMatchObject({ alg, enc, cty: "JWT", kid: "enc-1" });
      const { payload } = await jwtVerify(plaintext, keys, { issuer: op.issuer, audience: client.clientId });
      if (jwe === idToken) expect(payload.nonce).toBe(parameters.nonce);
      else expect(payload.name).toBe("山田　花子");
    }
  });

  // Debian's jose has no RSA-OAEP-256.
  const forJose = ways.filter(([alg]) => alg !== "RSA-OAEP-256");
  test.skipIf(!hasTool("jose")).each(forJose)("%s with %s: opened and verified by Debian's jose", async (alg, enc) => {
    const { privateJwk, jwk } = await encryptionKey(alg);
    const { idToken } = await answersFor(alg, enc, jwk);
    const folder = mkdtempSync(join(tmpdir(), "xid-jose-"));
    const keys = (await (await fetch(`${op.issuer}/jwks`)).json()) as { keys: JWK[] };
    const signingKey = keys.keys.find((key) => key.alg === "ES256")!;
    for (const [name, content] of Object.entries({
      key: JSON.stringify(privateJwk),
      jwe: idToken,
      op: JSON.stringify(signingKey),
    })) {
      writeFileSync(join(folder, name), content);
    }
    expect(runTool(folder, "jose", ["jwe", "dec", "-i", "jwe", "-k", "key", "-O", "jws"])).toEqual({
      status: 0,
      said: "",
    });
    const { status, said } = runTool(folder, "jose", ["jws", "ver", "-i", "jws", "-k", "op", "-O", "-"]);
    expect(status).toBe(0);
    expect(JSON.parse(said)).toMatchObject({ iss: op.issuer });
    // The same tool refuses the inner JWT by another key.
    writeFileSync(join(folder, "other"), JSON.stringify((await encryptionKey("ECDH-ES")).jwk));
    expect(runTool(folder, "jose", ["jws", "ver", "-i", "jws", "-k", "other", "-O", "-"]).status).not.toBe(0);
    rmSync(folder, { recursive: true });
  });
});

describe("registration of encrypted answers", () => {
  const register = async (keys: JWK[], metadata: object) =>
    registerClient(op.issuer, { redirect_uris: [redirectUri], jwks: { keys }, ...metadata });

  test("takes a client that has but a key to encrypt to", async () => {
    const { jwk } = await encryptionKey("ECDH-ES");
    const { status } = await register([{ ...jwk, use: "enc" }], { id_token_encrypted_response_alg: "ECDH-ES" });
    expect(status).toBe(201);
  });

  test.each<[string, string, (jwk: JWK) => JWK, object]>([
    ["without a key for encryption", "ECDH-ES", (jwk) => ({ ...jwk, use: "sig" }), {}],
    ["with a key that says nothing of its use", "ECDH-ES", (jwk) => jwk, {}],
    ["with a key of another kind", "RSA-OAEP-256", (jwk) => ({ ...jwk, use: "enc" }), {}],
    ["with a key for another algorithm", "ECDH-ES", (jwk) => ({ ...jwk, use: "enc", alg: "RSA-OAEP-256" }), {}],
    ["to RSA1_5", "ECDH-ES", (jwk) => ({ ...jwk, use: "enc" }), { id_token_encrypted_response_alg: "RSA1_5" }],
    [
      "with the secret as key",
      "ECDH-ES",
      (jwk) => ({ ...jwk, use: "enc" }),
      { id_token_encrypted_response_alg: "dir" },
    ],
    [
      "with short content keys",
      "ECDH-ES",
      (jwk) => ({ ...jwk, use: "enc" }),
      { id_token_encrypted_response_enc: "A128GCM" },
    ],
    [
      "of UserInfo that is not signed",
      "ECDH-ES",
      (jwk) => ({ ...jwk, use: "enc" }),
      { userinfo_encrypted_response_alg: "ECDH-ES" },
    ],
  ])("refuses encryption %s", async (_name, kind, change, metadata) => {
    const other = kind === "RSA-OAEP-256" ? "ECDH-ES" : kind;
    const { jwk } = await encryptionKey(other);
    const wanted = { id_token_encrypted_response_alg: kind, ...metadata };
    const { status, body } = await register([change(jwk)], wanted);
    expect([status, body.error]).toEqual([400, "invalid_client_metadata"]);
  });
});
