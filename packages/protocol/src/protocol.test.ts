import { generateKeyPairSync, sign, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalJson,
  contentDigest,
  createDeviceProof,
  DeviceProofClaims,
  decodeJws,
  type EcJwk,
  formatRequestLink,
  fromBase64url,
  ProtocolError,
  parseRequestLink,
  type SigningKey,
  toBase64url,
} from "./index.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const { kty, crv, x, y } = publicKey.export({ format: "jwk" });
const key: SigningKey = {
  publicJwk: { kty, crv, x, y } as EcJwk,
  sign: async (data) => sign("sha256", data, { key: privateKey, dsaEncoding: "ieee-p1363" }),
};

/** Runs `parse`; anything thrown that is not ours fails the test. */
function valueOrOurError(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
  }
}

describe("base64url", () => {
  it("gives back any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(fromBase64url(toBase64url(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each(["=", "QQ==", "Q", "QR", "Q Q", "é"])("refuses %j", (text) => {
    expect(() => fromBase64url(text)).toThrow(expect.objectContaining({ code: "MALFORMED" }));
  });
});

describe("canonical JSON", () => {
  it("does not depend on the order of members", () => {
    expect(contentDigest({ b: 1, a: "高橋" })).toBe(contentDigest({ a: "高橋", b: 1 }));
    expect(new TextDecoder().decode(canonicalJson({ b: [2, 1], a: null }))).toBe('{"a":null,"b":[2,1]}');
  });

  it("changes with every value", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        fc.pre(a !== b);
        expect(contentDigest({ a })).not.toBe(contentDigest({ a: b }));
      }),
    );
  });
});

describe("a device proof", () => {
  it("is an ES256 JWS that node:crypto verifies, over method, URL without query, and body", async () => {
    const input = { key, method: "POST", url: "https://id.example/wallet/v1/x?y#z", now: 1_700_000_000_500 } as const;
    const token = await createDeviceProof({
      ...input,
      body: new TextEncoder().encode("{}"),
      random: new Uint8Array(16),
    });
    const { header, payload, signingInput, signature } = decodeJws(token);
    expect(verify("sha256", signingInput, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
    expect(header).toEqual({ alg: "ES256", typ: "xid-device-proof+jwt", jwk: key.publicJwk });
    expect(DeviceProofClaims.parse(payload)).toEqual({
      jti: "AAAAAAAAAAAAAAAAAAAAAA",
      htm: "POST",
      htu: "https://id.example/wallet/v1/x",
      iat: 1_700_000_000,
      bodyDigest: "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o",
    });
  });

  it("names the device instead of carrying the key once there is a name", async () => {
    const body = new Uint8Array();
    const random = new Uint8Array(16);
    const token = await createDeviceProof({
      key,
      deviceId: "a.b",
      method: "GET",
      url: "https://e/",
      now: 0,
      body,
      random,
    });
    expect(decodeJws(token).header).toEqual({ alg: "ES256", typ: "xid-device-proof+jwt", kid: "a.b" });
  });
});

describe("decoding a JWS", () => {
  it("gives a value or our error for any text", () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => valueOrOurError(() => decodeJws(text))));
    fc.assert(
      fc.property(fc.array(fc.base64String(), { minLength: 3, maxLength: 3 }), (parts) =>
        valueOrOurError(() => decodeJws(parts.join("."))),
      ),
    );
  });

  const part = (value: unknown) => toBase64url(new TextEncoder().encode(JSON.stringify(value)));
  it.each([
    ["no algorithm", { alg: "none" }],
    ["another algorithm", { alg: "HS256" }],
    ["a critical extension", { alg: "ES256", crit: ["b64"] }],
    ["a header that is no object", ["ES256"]],
  ])("refuses %s", (_, header) => {
    expect(() => decodeJws(`${part(header)}.${part({})}.AAAA`)).toThrow(ProtocolError);
  });
});

describe("a request link", () => {
  const app = "https://app.example";

  it("gives back what went in, with and without a code", () => {
    for (const link of [
      { requestId: "abcdefghijklmnop", via: "link" },
      { requestId: "abcdefghijklmnop", via: "qr", code: "0123456789" },
    ] as const) {
      expect(parseRequestLink(app, formatRequestLink(app, link))).toEqual(link);
    }
  });

  it.each([
    "https://evil.example/request#abcdefghijklmnop",
    "https://app.example/request?abcdefghijklmnop",
    "https://app.example/request#short",
    "https://app.example/request#abcdefghijklmnop.code.more",
    "https://app.example.evil/request#abcdefghijklmnop",
    "javascript:alert(1)",
    "",
  ])("refuses %j", (text) => {
    expect(() => parseRequestLink(app, text)).toThrow(ProtocolError);
  });
});
