import { hash as digest } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Certificate } from "../certificate.ts";
import { cmsOids } from "../cms/oids.ts";
import { buildSignedData } from "../cms/signed-data.ts";
import { verifyCms } from "../cms/verify-cms.ts";
import { keyUsage } from "../extensions.ts";
import { PkiError, type PkiErrorCode } from "../pki-error.ts";
import {
  ecKeyPair,
  isPastTestCertificates,
  name,
  now,
  ocspResponse,
  revoked,
  TestAuthority,
  usage,
} from "../testing/authority.ts";
import { hasOpenssl, inFolder, pem } from "../testing/openssl.ts";
import { rawSignedData } from "../testing/raw-signed-data.ts";
import { purposes, TestTimestampAuthority, testTimestampPolicy } from "../testing/timestamp-authority.ts";
import { buildTimestampRequest, parseTimestampRequest } from "./timestamp-request.ts";
import { parseTimestampResponse, timestampFailure, timestampResponse } from "./timestamp-response.ts";
import { type TimestampInput, verifyTimestamp } from "./verify-timestamp.ts";

const root = new TestAuthority({ keys: ecKeyPair(), name: name(["2.5.4.3", "TSA root"]) });
const authority = new TestTimestampAuthority(root);
const content = Buffer.from("契約書", "utf8");
const nonce = Buffer.from("8877665544332211", "hex");
const request = buildTimestampRequest({ digest: digest("sha256", content, "buffer"), nonce });
const token = await authority.token(request, now);
const crl = root.crl({});
const withoutNonce: TimestampInput = {
  content,
  anchors: [root.certificate],
  time: now,
  revocation: { ocspResponses: [], crls: [crl], maxAge: 86_400 },
};
const input: TimestampInput = { ...withoutNonce, nonce };
const refused = (code: PkiErrorCode) => expect.objectContaining({ name: "PkiError", code });

test("a token that is issued verifies and says when, by whom and how exactly", () => {
  const stamp = verifyTimestamp(token, input);
  expect(stamp).toMatchObject({ time: now, accuracy: 1000, policy: testTimestampPolicy, hash: "sha256" });
  expect(stamp.path.certificate.der).toEqual(authority.certificate.der);
});

test.each(["sha384", "sha512"] as const)("%s imprints", async (hash) => {
  const longer = buildTimestampRequest({ digest: digest(hash, content, "buffer"), hash });
  expect(verifyTimestamp(await authority.token(longer, now), withoutNonce).hash).toBe(hash);
});

test("a token without certificates verifies with the certificate at hand", async () => {
  const wanted = { ...parseTimestampRequest(request), certificate: false };
  expect(wanted.nonce).toEqual(Buffer.concat([Buffer.of(0), nonce]));
  // The flag is the last element and left out when false.
  const without = Buffer.from(request.subarray(0, -3));
  without[1]! -= 3;
  const bare = await authority.token(without, now);
  expect(() => verifyTimestamp(bare, input)).toThrow(refused("NO_SIGNER_CERTIFICATE"));
  expect(verifyTimestamp(bare, { ...input, certificates: [authority.certificate] }).time).toEqual(now);
});

const withPurposes = (...extensions: Buffer[]) =>
  new TestTimestampAuthority(root, [usage(keyUsage.digitalSignature), ...extensions]);
const stampedBy = (other: TestTimestampAuthority) => other.token(request, now);
const timeStamping = "1.3.6.1.5.5.7.3.8";
const info = verifyCms(token, { contentType: cmsOids.timestampInfo }).content!;
const infoByTwo = rawSignedData({
  signers: [ecKeyPair(), ecKeyPair()].map((keys, index) => ({
    certificate: root.issue({
      subject: name(["2.5.4.3", `signer ${index}`]),
      publicKey: keys.publicKey,
      extensions: [usage(keyUsage.digitalSignature), purposes(true, timeStamping)],
    }),
    key: keys.privateKey,
    content: info,
    contentType: cmsOids.timestampInfo,
  })),
});
const answer = (status: Buffer | undefined, of: Certificate = authority.certificate) =>
  ocspResponse(root, { answers: [{ certificate: of, issuer: root.certificate, ...(status && { status }) }] });

describe("refused", () => {
  test.each<[string, PkiErrorCode, Uint8Array | Promise<Uint8Array>, Partial<TimestampInput>]>([
    ["another content", "DIGEST_MISMATCH", token, { content: Buffer.from("another") }],
    ["another nonce", "NONCE_MISMATCH", token, { nonce: Buffer.from("1122334455667788", "hex") }],
    ["another policy", "POLICY", token, { policies: ["1.2.3"] }],
    ["no anchors", "NO_TRUST_ANCHORS", token, { anchors: [] }],
    [
      "another root",
      "UNTRUSTED",
      token,
      { anchors: [new TestAuthority({ keys: ecKeyPair(), name: name(["2.5.4.3", "other"]) }).certificate] },
    ],
    ["a time of the future", "NOT_YET_VALID", authority.token(request, new Date(now.getTime() + 61_000)), {}],
    [
      "a time before the authority's certificate",
      "NOT_YET_VALID",
      authority.token(request, new Date("2025-06-01T00:00:00Z")),
      {},
    ],
    ["an authority that has ended", "EXPIRED", token, { time: new Date("2031-01-02T00:00:00Z") }],
    [
      "extended key usage that is not critical",
      "KEY_USAGE",
      stampedBy(withPurposes(purposes(false, timeStamping))),
      {},
    ],
    [
      "an authority that is also for other things",
      "KEY_USAGE",
      stampedBy(withPurposes(purposes(true, timeStamping, "1.3.6.1.5.5.7.3.3"))),
      {},
    ],
    ["a certificate without extended key usage", "KEY_USAGE", stampedBy(withPurposes()), {}],
    [
      "nothing known of revocation",
      "STATUS_UNKNOWN",
      token,
      { revocation: { ocspResponses: [], crls: [], maxAge: 60 } },
    ],
    [
      "a revoked authority",
      "REVOKED",
      token,
      {
        revocation: {
          ocspResponses: [],
          crls: [root.crl({ entries: [revoked(authority.certificate.serialNumber, 4)] })],
          maxAge: 60,
        },
      },
    ],
    ["two signers", "PROFILE", infoByTwo, {}],
    [
      "a signature that is no time stamp",
      "PROFILE",
      buildSignedData({
        content,
        detached: false,
        certificate: authority.certificate.der,
        algorithm: "ES256",
        sign: authority.sign,
      }),
      {},
    ],
    ["no token", "MALFORMED", content, {}],
  ])("%s", async (_, code, token, changes) => {
    const der = await token;
    expect(() => verifyTimestamp(der, { ...input, ...changes })).toThrow(refused(code));
  });

  test("an OCSP answer is as good as a list, and a revocation anywhere goes before it", () => {
    const good = answer(undefined);
    const evidence = { ocspResponses: [good], crls: [], maxAge: 60 };
    expect(verifyTimestamp(token, { ...input, revocation: evidence }).time).toEqual(now);
    const crls = [root.crl({ entries: [revoked(authority.certificate.serialNumber, 1)] })];
    expect(() => verifyTimestamp(token, { ...input, revocation: { ...evidence, crls } })).toThrow(refused("REVOKED"));
  });
});

test("a refusal names its reason", () => {
  expect(() => parseTimestampResponse(timestampFailure("unacceptedPolicy"))).toThrow(/unacceptedPolicy/);
  expect(() => parseTimestampResponse(timestampFailure("systemFailure"))).toThrow(refused("TIMESTAMP_REFUSED"));
  expect(parseTimestampResponse(timestampResponse(token))).toEqual(token);
});

describe.skipIf(!hasOpenssl)("openssl ts", () => {
  test("reads the request and verifies the token and the response", () => {
    const files = {
      "request.tsq": request,
      "response.tsr": timestampResponse(token),
      "token.der": token,
      content,
      "root.pem": pem("CERTIFICATE", root.certificate.der),
    };
    inFolder(files, (openssl) => {
      const printed = openssl("ts", "-query", "-in", "request.tsq", "-text").toString();
      expect(printed).toContain("Hash Algorithm: sha256");
      expect(printed).toContain("Nonce: 0x8877665544332211");
      const trust = ["-CAfile", "root.pem", "-attime", String(now.getTime() / 1000)];
      const byRequest = openssl("ts", "-verify", "-in", "response.tsr", "-queryfile", "request.tsq", ...trust);
      expect(byRequest.toString()).toContain("Verification: OK");
      const byData = openssl("ts", "-verify", "-in", "token.der", "-token_in", "-data", "content", ...trust);
      expect(byData.toString()).toContain("Verification: OK");
    });
  });

  test.skipIf(isPastTestCertificates())("asks, answers, and is verified", () => {
    const configuration = `
[tsa]
default_tsa = here
[here]
serial = serial
signer_digest = sha256
ess_cert_id_alg = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = millisecs:500
`;
    const files = {
      "openssl.cnf": configuration,
      serial: "2A\n",
      content,
      "tsa.pem": pem("CERTIFICATE", authority.certificate.der),
      "tsa.key": authority.key.export({ type: "pkcs8", format: "pem" }),
    };
    inFolder(files, (openssl, folder) => {
      openssl("ts", "-query", "-data", "content", "-sha256", "-cert", "-out", "request.tsq");
      const asked = parseTimestampRequest(readFileSync(join(folder, "request.tsq")));
      expect(asked).toMatchObject({ certificate: true, imprint: { digest: digest("sha256", content, "buffer") } });
      writeFileSync(join(folder, "own.tsq"), request);
      const key = ["-signer", "tsa.pem", "-inkey", "tsa.key", "-config", "openssl.cnf"];
      openssl("ts", "-reply", "-queryfile", "own.tsq", "-out", "response.tsr", ...key);
      const theirs = parseTimestampResponse(readFileSync(join(folder, "response.tsr")));
      const time = new Date();
      const stamp = verifyTimestamp(theirs, { ...input, time, revocation: "unchecked" });
      expect(stamp).toMatchObject({ policy: "1.2.3.4", accuracy: 500, serialNumber: Buffer.of(0x2b) });
    });
  });
});

test("any bytes give a result or PkiError, and a changed octet is noticed unless nobody signed it", async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const read of [
        parseTimestampRequest,
        parseTimestampResponse,
        (der: Uint8Array) => verifyTimestamp(der, input),
      ]) {
        try {
          read(bytes);
        } catch (error) {
          if (!(error instanceof PkiError)) throw error;
        }
      }
    }),
  );
  const change = fc.record({ at: fc.nat(token.length - 1), bit: fc.nat(7) });
  fc.assert(
    fc.property(change, ({ at, bit }) => {
      const changed = Buffer.from(token);
      changed[at]! ^= 1 << bit;
      try {
        expect(verifyTimestamp(changed, input).time).toEqual(now);
      } catch (error) {
        if (!(error instanceof PkiError)) throw error;
      }
    }),
    { numRuns: 1500 },
  );
});
