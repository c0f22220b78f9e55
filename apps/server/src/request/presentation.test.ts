import { execFileSync } from "node:child_process";
import { createHash, createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import {
  createDeviceProof,
  deviceProofHeader,
  type EcJwk,
  type EncryptionKey,
  parseSdJwt,
  type RequestDisplay,
} from "@xid/protocol";
import { WalletClient } from "@xid/protocol/wallet-client";
import { decodeProtectedHeader, exportJWK, generateKeyPair, type JWK } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toAccount } from "../oidc/account.ts";
import { createSigningKey, type Resident, refusalOf, type TestDevice, TestWorld } from "../test-world.ts";
import { readRequest } from "./engine.ts";
import { openPresentation } from "./presentation.ts";
import type { Request } from "./request.ts";

const items = [
  { name: "name", required: true },
  { name: "age_over_20", required: false },
  { name: "address", required: false },
  { name: "gender", required: false, wanted: ["nobody's"] },
] as const;

/** A relying party as far as the app sees it: its keys at its own address. */
async function startKeys() {
  const { publicKey, privateKey } = await generateKeyPair("ECDH-ES", { crv: "P-256", extractable: true });
  const { x, y } = (await exportJWK(publicKey)) as { x: string; y: string };
  const key: EncryptionKey = { kty: "EC", crv: "P-256", x, y, use: "enc", kid: "enc-1" };
  const served = { keys: [key] as object[] };
  const server = createServer((_, response) => response.end(JSON.stringify(served)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const domain = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    key,
    served,
    domain,
    privateJwk: await exportJWK(privateKey),
    recipient: { jwksUri: `http://${domain}/jwks.json`, key },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** Another implementation of RFC 9901, which hashes and verifies as it does. */
async function judge(sdJwt: string, issuerKey: JWK, { nonce, disclosed }: { nonce: string; disclosed: string[] }) {
  const check = (jwk: JWK) => async (data: string, signature: string) =>
    verify(
      "sha256",
      Buffer.from(data),
      { key: createPublicKey({ key: jwk as JsonWebKey, format: "jwk" }), dsaEncoding: "ieee-p1363" },
      Buffer.from(signature, "base64url"),
    );
  const instance = new SDJwtVcInstance({
    verifier: check(issuerKey),
    kbVerifier: async (data, signature, payload) => check((payload.cnf as { jwk: JWK }).jwk)(data, signature),
    hasher: (data) =>
      createHash("sha256")
        .update(typeof data === "string" ? data : Buffer.from(data))
        .digest(),
    hashAlg: "sha-256",
  });
  const verified = await instance.verify(sdJwt, { keyBindingNonce: nonce, requiredClaimKeys: disclosed });
  return verified.payload as Record<string, unknown>;
}

describe("items that go end to end", () => {
  let world: TestWorld;
  let device: TestDevice;
  let resident: Resident;
  let rp: Awaited<ReturnType<typeof startKeys>>;

  beforeAll(async () => {
    [world, rp] = await Promise.all([TestWorld.start(), startKeys()]);
    ({ device, resident } = await world.enrolled());
  });
  afterAll(() => Promise.all([world.close(), rp.close()]));

  const request = (nonce?: string) =>
    world.request({
      clientId: "shop",
      domain: rp.domain,
      items: items.map((item) => ({ ...item }) as never),
      delivery: { recipient: rp.recipient, ...(nonce && { nonce }) },
    });
  const open = async (nonce?: string) => {
    const asked = await request(nonce);
    return { asked, display: await device.open(asked) };
  };
  const read = async ({ requestId }: Request) => (await readRequest(world.platform, requestId))!;
  const presented = async (asked: Request) => openPresentation(world.platform, await read(asked))!;
  const issuerKey = async () => {
    const response = await world.fetchFrom("127.0.0.1")(`${world.platform.config.issuer}/.well-known/jwt-vc-issuer`);
    return ((await response.json()) as { jwks: { keys: JWK[] } }).jwks.keys[0]!;
  };

  it("are shown as all others, and leave for the relying party's own key alone", async () => {
    const { asked, display } = await open("n-0S6_WzA2Mj");
    expect(display.delivery).toEqual({ recipient: rp.recipient, nonce: "n-0S6_WzA2Mj" });
    expect(display.items.map(({ name, withheld }) => [name, withheld])).toEqual([
      ["name", null],
      ["age_over_20", null],
      ["address", null],
      ["gender", "other_value_wanted"],
    ]);
    await device.client.approveRequest(display, ["name", "age_over_20", "gender"], "app_pin");
    const envelope = await presented(asked);
    expect(decodeProtectedHeader(envelope)).toMatchObject({
      alg: "ECDH-ES",
      enc: "A256GCM",
      kid: "enc-1",
      cty: "dc+sd-jwt",
    });

    // Debian's tool opens it, and another library judges what is inside.
    const folder = await mkdtemp(join(tmpdir(), "xid-jose-"));
    await writeFile(join(folder, "key.jwk"), JSON.stringify(rp.privateJwk));
    await writeFile(join(folder, "envelope.jwe"), envelope);
    const sdJwt = execFileSync(
      "jose",
      ["jwe", "dec", "-i", join(folder, "envelope.jwe"), "-k", join(folder, "key.jwk")],
      {
        encoding: "utf8",
      },
    );
    await rm(folder, { recursive: true });
    const payload = await judge(sdJwt, await issuerKey(), {
      nonce: "n-0S6_WzA2Mj",
      disclosed: ["name", "age_over_20"],
    });
    expect(payload).toMatchObject({
      iss: world.platform.config.issuer,
      vct: `${world.platform.config.issuer}/credentials/person`,
      name: resident.name,
      age_over_20: true,
      name_characters: { substitutes: [], privateUse: [], variationSequences: [] },
    });
    for (const withheld of ["address", "gender", "birthdate", "address_characters"]) {
      expect(payload).not.toHaveProperty(withheld);
    }
  });

  it("leave in the platform nothing but the envelope and its digest", async () => {
    const { asked, display } = await open();
    expect(display.delivery?.nonce).toBe(asked.requestId);
    await device.client.approveRequest(display, ["name"], "app_pin");
    const envelope = await presented(asked);
    const { accountId } = device.ids;
    const account = toAccount(world.platform, accountId, {
      endToEnd: true,
      receivesCertificates: true,
      hearsOfChanges: false,
      grantId: asked.requestId,
    });
    const verifiedClaims = { verification: { trust_framework: null }, claims: null };
    const claims = { name: null, verified_claims: verifiedClaims } as never;
    expect(await account.claims("userinfo", "openid name", claims, [])).toEqual({
      sub: accountId,
      xid_presentation: envelope,
    });
    expect(await account.claims("id_token", "openid name", claims, [])).toEqual({
      sub: accountId,
      txn: asked.requestId,
    });
    const { acts } = await device.client.history();
    const file = await device.client.evidence(acts[0]!.evidenceId);
    const record = JSON.parse(Buffer.from(file.act.record, "base64url").toString("utf8")) as { approval: string };
    const approval = JSON.parse(Buffer.from(record.approval.split(".")[1]!, "base64url").toString("utf8"));
    expect(approval.presentationDigest).toBe(createHash("sha256").update(envelope).digest("base64url"));
  });

  it("are of another key and another credential each time, so that nobody can compare them", async () => {
    const seen = new Set<string>();
    const { display } = await open();
    for (let time = 0; time < 2; time++) {
      const { publicJwk } = createSigningKey();
      const { issuerJwt, disclosures } = parseSdJwt(await fetchCredential(device, display, publicJwk));
      const { _sd, cnf } = JSON.parse(Buffer.from(issuerJwt.split(".")[1]!, "base64url").toString("utf8"));
      expect(cnf.jwk).toEqual(publicJwk);
      for (const part of [..._sd, ...disclosures.map(({ encoded }) => encoded), cnf.jwk.x]) {
        expect(seen.has(part)).toBe(false);
        seen.add(part);
      }
    }
  });

  it("stop before anything is shown when the platform names a key that the relying party has not", async () => {
    const other = await startKeys();
    const asked = await request();
    rp.served.keys = [other.key];
    await expect(device.open(asked)).rejects.toMatchObject({ code: "KEY_MISMATCH" });
    rp.served.keys = [];
    await expect(device.open(asked)).rejects.toMatchObject({ code: "KEY_MISSING" });
    rp.served.keys = [rp.key];
    await other.close();
    expect((await read(asked)).state).toBe("opened");
  });

  it("stop where the keys are on another domain than the one that is shown", async () => {
    const asked = await world.request({ domain: "shop.example", delivery: { recipient: rp.recipient } });
    await expect(device.open(asked)).rejects.toMatchObject({ code: "KEY_MISMATCH" });
  });

  it("stay while the keys change between the look and the yes", async () => {
    const { asked, display } = await open();
    rp.served.keys = [];
    await expect(device.client.approveRequest(display, ["name"], "app_pin")).rejects.toMatchObject({
      code: "KEY_MISSING",
    });
    rp.served.keys = [rp.key];
    expect((await read(asked)).state).toBe("opened");
  });

  describe("are not taken", () => {
    /** The wallet's own approval, with its body changed on the way and the call signed anew. */
    const approve = async (display: RequestDisplay, change: (body: Record<string, unknown>) => object) => {
      const call = world.fetchFrom("127.0.0.1");
      const { authentication: key } = device.keys;
      const client = new WalletClient({
        platformUrl: world.platform.config.issuer,
        keys: device.keys,
        deviceId: device.client.deviceId,
        fetch: async (input, init) => {
          const url = String(input);
          if (!url.endsWith("/approve")) return call(url, init);
          const body = JSON.stringify(change(JSON.parse(String(init?.body))));
          const about = { method: "POST", url, body: new TextEncoder().encode(body), now: Date.now() } as const;
          const random = crypto.getRandomValues(new Uint8Array(16));
          const proof = await createDeviceProof({ key, deviceId: device.client.deviceId, ...about, random });
          return call(url, { ...init, headers: { ...init?.headers, [deviceProofHeader]: proof }, body });
        },
      });
      return refusalOf(client.approveRequest(display, ["name"], "app_pin"));
    };

    it("without the envelope", async () => {
      const { display } = await open();
      expect(await approve(display, ({ presentation: _, ...body }) => body)).toBe("ENVELOPE_INVALID");
    });

    it("with another envelope than the approved one", async () => {
      const [first, second] = [await open(), await open()];
      await device.client.approveRequest(first.display, ["name"], "app_pin");
      const presentation = await presented(first.asked);
      expect(await approve(second.display, (body) => ({ ...body, presentation }))).toBe("ENVELOPE_INVALID");
    });

    it("for a request that asks for nothing end to end", async () => {
      const { asked, display } = await open();
      await device.client.approveRequest(display, ["name"], "app_pin");
      const presentation = await presented(asked);
      const plain = await device.open(await world.request());
      expect(await approve(plain, (body) => ({ ...body, presentation }))).toBe("ENVELOPE_INVALID");
    });
  });

  describe("a credential", () => {
    it("is not issued for a request of another device, that is not open, or that wants none", async () => {
      const { asked, display } = await open();
      const key = createSigningKey().publicJwk;
      const { device: other } = await world.enrolled();
      expect(await refusalOf(fetchCredential(other, display, key))).toBe("REQUEST_OF_ANOTHER_DEVICE");
      await device.client.approveRequest(display, ["name"], "app_pin");
      expect(await refusalOf(fetchCredential(device, display, key))).toBe("REQUEST_WRONG_STATE");
      expect((await read(asked)).state).toBe("approved");
      const plain = await device.open(await world.request());
      expect(await refusalOf(fetchCredential(device, plain, key))).toBe("ENVELOPE_INVALID");
    });

    it("is not bound to what is no key", async () => {
      const { display } = await open();
      const key = createSigningKey().publicJwk;
      expect(await refusalOf(fetchCredential(device, display, { ...key, y: key.x }))).toBe("ENVELOPE_INVALID");
    });

    it("has a type that says how its claims are called", async () => {
      const { issuer } = world.platform.config;
      const response = await world.fetchFrom("127.0.0.1")(`${issuer}/credentials/person`);
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      const type = (await response.json()) as { vct: string; claims: { path: string[]; sd: string }[] };
      expect(type.vct).toBe(`${issuer}/credentials/person`);
      expect(type.claims).toContainEqual({
        path: ["age_over_18"],
        sd: "always",
        display: [
          { locale: "ja", label: "18歳以上" },
          { locale: "en", label: "Aged 18 or over" },
        ],
      });
    });
  });
});

/** As the app asks for it. */
function fetchCredential({ client }: TestDevice, { requestId }: RequestDisplay, key: EcJwk): Promise<string> {
  return client.credential(requestId, key);
}
