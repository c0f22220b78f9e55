import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { namesAsIssuer } from "./cert-id.ts";
import { type Certificate, parseCertificate } from "./certificate.ts";
import { keyUsage } from "./extensions.ts";
import { type CertificateProfile, issueCertificate } from "./issue.ts";
import { type CrlProfile, issueCrl } from "./issue-crl.ts";
import { issueOcspResponse, type KnownStatus, ocspFailure } from "./issue-ocsp-response.ts";
import { verifyOcspResponse } from "./ocsp.ts";
import { buildOcspRequest } from "./ocsp-request.ts";
import { parseOcspRequest } from "./parse-ocsp-request.ts";
import { PkiError } from "./pki-error.ts";
import { keySigner } from "./signer.ts";
import { ecKeyPair, now } from "./testing/authority.ts";
import { hasOpenssl, inFolder, pem } from "./testing/openssl.ts";
import { verifyCrl } from "./verified-crl.ts";

const code = (code: string) => expect.objectContaining({ code });
const caKeys = ecKeyPair();
const signer = keySigner(caKeys.privateKey);
const stranger = keySigner(ecKeyPair().privateKey);

const caProfile: CertificateProfile = {
  serialNumber: randomBytes(16),
  issuer: "self",
  subject: [{ type: "CN", value: "xID CA" }],
  notBefore: new Date("2026-01-01T00:00:00Z"),
  notAfter: new Date("2036-01-01T00:00:00Z"),
  publicKey: caKeys.publicKey,
  keyUsage: keyUsage.keyCertSign | keyUsage.cRLSign | keyUsage.digitalSignature,
  ca: {},
};
const { ca: _isCa, ...leafProfile } = caProfile;
const ca: Certificate = parseCertificate(await issueCertificate(caProfile, signer));
const leaf = async (serialNumber: Uint8Array) =>
  parseCertificate(
    await issueCertificate(
      {
        ...leafProfile,
        serialNumber,
        issuer: ca,
        subject: [{ type: "CN", value: "d-4711" }],
        publicKey: ecKeyPair().publicKey,
        notAfter: new Date("2031-10-01T00:00:00Z"),
        keyUsage: keyUsage.digitalSignature,
        crlUrl: "http://localhost/ca.crl",
      },
      signer,
    ),
  );
// One whose first bit would make a negative number.
const [good, revoked] = [await leaf(Buffer.alloc(16, 0x11)), await leaf(Buffer.alloc(16, 0xfe))];
const revokedAt = new Date("2026-10-31T15:00:00Z");
const thisUpdate = new Date("2026-11-01T02:59:00Z");
const nextUpdate = new Date("2026-11-01T04:00:00Z");
const crlProfile: CrlProfile = {
  issuer: ca,
  number: 1_793_500_000_000n,
  thisUpdate,
  nextUpdate,
  revoked: [{ serialNumber: revoked.serialNumber, at: revokedAt, reason: "superseded" }],
};

describe("a revocation list", () => {
  test("says of each certificate what it is", async () => {
    const list = verifyCrl(await issueCrl(crlProfile, signer), { issuer: ca, time: now });
    expect(list.status(good)).toMatchObject({ status: "good" });
    expect(list.status(revoked)).toEqual({ status: "revoked", at: revokedAt, reason: "superseded" });
    expect([list.number, list.thisUpdate, list.nextUpdate]).toEqual([crlProfile.number, thisUpdate, nextUpdate]);
  });

  test("may be empty", async () => {
    const list = verifyCrl(await issueCrl({ ...crlProfile, revoked: [] }, signer), { issuer: ca, time: now });
    expect([list.entryCount, list.status(revoked).status]).toEqual([0, "good"]);
  });

  test("may be long", async () => {
    const many = Array.from({ length: 150_000 }, (_, n) => {
      const serialNumber = Buffer.alloc(8, 1);
      serialNumber.writeUInt32BE(n, 4);
      return { serialNumber, at: revokedAt, reason: "superseded" } as const;
    });
    const der = await issueCrl({ ...crlProfile, revoked: [...many, ...crlProfile.revoked] }, signer);
    const list = verifyCrl(der, { issuer: ca, time: now });
    expect([list.entryCount, list.status(revoked).status]).toEqual([150_001, "revoked"]);
  });

  test.skipIf(!hasOpenssl)("is what OpenSSL verifies, and verifies certificates by", async () => {
    const files = {
      "ca.pem": pem("CERTIFICATE", ca.der),
      "list.crl": await issueCrl(crlProfile, signer),
      "list.pem": pem("X509 CRL", await issueCrl(crlProfile, signer)),
      "good.pem": pem("CERTIFICATE", good.der),
      "revoked.pem": pem("CERTIFICATE", revoked.der),
    };
    const time = String(now.getTime() / 1000);
    inFolder(files, (openssl) => {
      const text = openssl(
        "crl",
        "-inform",
        "DER",
        "-in",
        "list.crl",
        "-CAfile",
        "ca.pem",
        "-noout",
        "-text",
      ).toString();
      expect(text).toContain("Superseded");
      const verify = (file: string) =>
        openssl(
          "verify",
          "-x509_strict",
          "-crl_check",
          "-attime",
          time,
          "-CRLfile",
          "list.pem",
          "-CAfile",
          "ca.pem",
          file,
        );
      expect(verify("good.pem").toString()).toContain("OK");
      expect(() => verify("revoked.pem")).toThrow("certificate revoked");
    });
  });

  test("is signed by nobody but its issuer", async () => {
    await expect(issueCrl(crlProfile, stranger)).rejects.toThrow(code("PROFILE"));
  });

  test("is not given out by a CA that may sign none", async () => {
    const profile = { ...caProfile, keyUsage: keyUsage.keyCertSign };
    const issuer = parseCertificate(await issueCertificate(profile, signer));
    await expect(issueCrl({ ...crlProfile, issuer }, signer)).rejects.toThrow(code("KEY_USAGE"));
  });
});

describe("an OCSP request", () => {
  test("is read as it was built", () => {
    const nonce = randomBytes(32);
    const request = parseOcspRequest(buildOcspRequest({ certificate: good, issuer: ca, nonce }));
    expect(request.nonce).toEqual(nonce);
    expect(request.certificates).toHaveLength(1);
    expect(request.certificates[0]!.serialNumber).toEqual(good.serialNumber);
    expect(namesAsIssuer(request.certificates[0]!, ca)).toBe(true);
    expect(namesAsIssuer(request.certificates[0]!, good)).toBe(false);
    expect(parseOcspRequest(buildOcspRequest({ certificate: good, issuer: ca })).nonce).toBeUndefined();
  });

  test("of OpenSSL is read, with several certificates and with SHA-256", ({ skip }) => {
    if (!hasOpenssl) return skip();
    const files = {
      "ca.pem": pem("CERTIFICATE", ca.der),
      "one.pem": pem("CERTIFICATE", good.der),
      "two.pem": pem("CERTIFICATE", revoked.der),
    };
    const der = inFolder(files, (openssl, folder) => {
      const certificates = ["-cert", "one.pem", "-cert", "two.pem"];
      openssl("ocsp", "-sha256", "-issuer", "ca.pem", ...certificates, "-reqout", "request.der");
      return readFileSync(join(folder, "request.der"));
    });
    const { certificates, nonce } = parseOcspRequest(der);
    expect(certificates.map(({ serialNumber }) => serialNumber)).toEqual([good.serialNumber, revoked.serialNumber]);
    expect(certificates.every((one) => namesAsIssuer(one, ca))).toBe(true);
    expect(nonce).toBeInstanceOf(Buffer);
  });

  test("of any other bytes is refused with our error", () => {
    const valid = buildOcspRequest({ certificate: good, issuer: ca, nonce: randomBytes(32) });
    const damaged = fc
      .tuple(fc.nat({ max: valid.length - 1 }), fc.nat({ max: 255 }))
      .map(([at, octet]) => Buffer.from(valid).fill(octet, at, at + 1));
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        try {
          parseOcspRequest(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(PkiError);
        }
      }),
      { numRuns: 2000 },
    );
    expect(() => parseOcspRequest(Buffer.alloc(4097))).toThrow(code("TOO_COMPLEX"));
  });
});

describe("an OCSP response", () => {
  const respond = (certificate: Certificate, status: KnownStatus, nonce?: Buffer, by = signer) =>
    issueOcspResponse(
      parseOcspRequest(buildOcspRequest({ certificate, issuer: ca, ...(nonce ? { nonce } : {}) })),
      { issuer: ca, statusOf: () => status, thisUpdate, nextUpdate },
      by,
    );
  const verify = (der: Uint8Array, certificate: Certificate, nonce?: Buffer) =>
    verifyOcspResponse(der, { certificate, issuer: ca, time: now, maxAge: 3600, ...(nonce ? { nonce } : {}) });

  test("says good, revoked and unknown, and brings the nonce back", async () => {
    const nonce = randomBytes(32);
    expect(verify(await respond(good, "good", nonce), good, nonce)).toMatchObject({ status: "good", nextUpdate });
    const status = { at: revokedAt, reason: "superseded" } as const;
    expect(verify(await respond(revoked, status), revoked)).toEqual({ status: "revoked", ...status });
    expect(verify(await respond(good, "unknown"), good)).toEqual({ status: "unknown" });
  });

  test("is signed by nobody but the CA", async () => {
    await expect(respond(good, "good", undefined, stranger)).rejects.toThrow(code("PROFILE"));
  });

  test.each([
    ["malformedRequest", "malformedRequest"],
    ["tryLater", "tryLater"],
  ] as const)("that is a failure says %s", (why, said) => {
    expect(() => verify(ocspFailure(why), good)).toThrow(said);
  });
});
