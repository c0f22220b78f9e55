import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { type CryptoKey, compactDecrypt, exportJWK, generateKeyPair, type JWK } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type EncryptionKey,
  encryptionKeysOf,
  envelopeDigest,
  fetchEncryptionKeys,
  requireOwnKey,
  sealEnvelope,
} from "./index.ts";

async function recipient(): Promise<{ key: EncryptionKey; privateKey: CryptoKey }> {
  const { publicKey, privateKey } = await generateKeyPair("ECDH-ES", { crv: "P-256" });
  const { x, y } = (await exportJWK(publicKey)) as Required<JWK>;
  return { key: { kty: "EC", crv: "P-256", x, y, use: "enc", kid: "enc-1" }, privateKey };
}

const open = (envelope: string, privateKey: CryptoKey) =>
  compactDecrypt(envelope, privateKey, {
    keyManagementAlgorithms: ["ECDH-ES"],
    contentEncryptionAlgorithms: ["A256GCM"],
  });

describe("an envelope", () => {
  it("is opened by the recipient with another implementation, whatever is in it", async () => {
    const { key, privateKey } = await recipient();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (content) => {
        const { plaintext, protectedHeader } = await open(
          await sealEnvelope(key, "dc+sd-jwt", new Uint8Array(content)),
          privateKey,
        );
        expect(plaintext).toEqual(new Uint8Array(content));
        expect(protectedHeader).toMatchObject({ alg: "ECDH-ES", enc: "A256GCM", kid: "enc-1", cty: "dc+sd-jwt" });
      }),
      { numRuns: 20 },
    );
  });

  it("is opened by nobody else", async () => {
    const { key } = await recipient();
    const other = await recipient();
    await expect(
      open(await sealEnvelope(key, "text/plain", new Uint8Array(8)), other.privateKey),
    ).rejects.toMatchObject({ code: "ERR_JWE_DECRYPTION_FAILED" });
  });

  it("never has the same key or nonce twice", async () => {
    const { key } = await recipient();
    const parts = await Promise.all([1, 2].map(() => sealEnvelope(key, "a", new Uint8Array(8))));
    const [one, two] = parts.map((envelope) => envelope.split("."));
    for (const part of [0, 2, 3, 4]) expect(one![part]).not.toBe(two![part]);
  });

  it("is not made for a point off the curve, nor around too much", async () => {
    const { key } = await recipient();
    await expect(sealEnvelope({ ...key, y: key.x }, "a", new Uint8Array(1))).rejects.toMatchObject({
      code: "MALFORMED",
    });
    await expect(sealEnvelope(key, "a", new Uint8Array(262_145))).rejects.toMatchObject({ code: "MALFORMED" });
  });

  it("has a digest, which nothing else has", async () => {
    const { key } = await recipient();
    expect(envelopeDigest(await sealEnvelope(key, "a", new Uint8Array(1)))).toMatch(/^[A-Za-z0-9_-]{43}$/);
    for (const text of ["", "a.b.c", "e30.AA.AA.AA.AA", "e30..A=.AA.AA"]) {
      expect(() => envelopeDigest(text)).toThrow(expect.objectContaining({ code: "MALFORMED" }));
    }
  });
});

describe("a relying party's keys", () => {
  it("are those for encryption on P-256, in its order", async () => {
    const [first, second] = await Promise.all([recipient(), recipient()]);
    const { use: _, ...unmarked } = first.key;
    const keys = [{ ...first.key, use: "sig" }, unmarked, { kty: "RSA", use: "enc" }, second.key, first.key, null];
    expect(encryptionKeysOf({ keys })).toEqual([second.key, first.key]);
  });

  it("are refused whatever else the address holds", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ keys: fc.jsonValue() })), (jwks) => {
        expect(() => encryptionKeysOf(jwks)).toThrow(expect.objectContaining({ code: "KEY_MISSING" }));
      }),
    );
  });

  let answer: { status: number; body: string; headers?: Record<string, string> };
  const server = createServer((_, response) => response.writeHead(answer.status, answer.headers).end(answer.body));
  let domain: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    domain = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  const jwksUri = () => `http://${domain}/jwks.json`;

  it("are the wallet's to take: the one that the platform names must be among them", async () => {
    const [own, forged] = await Promise.all([recipient(), recipient()]);
    answer = { status: 200, body: JSON.stringify({ keys: [own.key] }) };
    const named = { ...own.key, kid: "as the platform says" };
    expect(await requireOwnKey({ jwksUri: jwksUri(), key: named }, domain)).toEqual(own.key);
    await expect(requireOwnKey({ jwksUri: jwksUri(), key: forged.key }, domain)).rejects.toMatchObject({
      code: "KEY_MISMATCH",
    });
  });

  it("are on the domain that the person is shown, or nowhere", async () => {
    const { key } = await recipient();
    answer = { status: 200, body: JSON.stringify({ keys: [key] }) };
    for (const shown of ["bank.example", "127.0.0.1", `${domain}.example`]) {
      await expect(requireOwnKey({ jwksUri: jwksUri(), key }, shown)).rejects.toMatchObject({ code: "KEY_MISMATCH" });
    }
    await expect(requireOwnKey({ jwksUri: "not a URL", key }, domain)).rejects.toMatchObject({ code: "KEY_MISMATCH" });
  });

  it.each([
    ["an error", { status: 500, body: "{}" }],
    ["a redirect", { status: 302, body: "", headers: { location: "/elsewhere" } }],
    ["no JSON", { status: 200, body: "<html>" }],
    ["too much", { status: 200, body: `{"keys":[${" ".repeat(65_536)}]}` }],
  ])("are not taken from %s", async (_, what) => {
    answer = what;
    await expect(fetchEncryptionKeys(jwksUri())).rejects.toMatchObject({ code: "KEY_UNREACHABLE" });
  });

  it("are missing where there are none, and out of reach where nobody answers", async () => {
    answer = { status: 200, body: '{"keys":[]}' };
    await expect(fetchEncryptionKeys(jwksUri())).rejects.toMatchObject({ code: "KEY_MISSING" });
    await expect(fetchEncryptionKeys("http://127.0.0.1:9/jwks.json")).rejects.toMatchObject({
      code: "KEY_UNREACHABLE",
    });
  });
});
