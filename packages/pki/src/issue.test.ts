import "reflect-metadata";
import { randomBytes, X509Certificate } from "node:crypto";
import * as peculiar from "@peculiar/x509";
import { describe, expect, test } from "vitest";
import { type Certificate, parseCertificate } from "./certificate.ts";
import { keyUsage } from "./extensions.ts";
import { type CertificateProfile, issueCertificate } from "./issue.ts";
import { verifyPath } from "./path.ts";
import { keySigner } from "./signer.ts";
import { ecKeyPair, now, rsaKeyPair } from "./testing/authority.ts";
import { hasOpenssl, inFolder, pem } from "./testing/openssl.ts";

const caKeys = ecKeyPair();
const signer = keySigner(caKeys.privateKey);
const deviceKeys = ecKeyPair();
const code = (code: string) => expect.objectContaining({ code });

const root: CertificateProfile = {
  serialNumber: randomBytes(16),
  issuer: "self",
  subject: [
    { type: "C", value: "JP" },
    { type: "O", value: "架空市" },
    { type: "CN", value: "xID CA" },
  ],
  notBefore: new Date("2026-01-01T00:00:00Z"),
  notAfter: new Date("2051-01-01T00:00:00Z"),
  publicKey: caKeys.publicKey,
  keyUsage: keyUsage.keyCertSign | keyUsage.cRLSign,
  ca: { pathLength: 0 },
};
const ca: Certificate = parseCertificate(await issueCertificate(root, signer));

const device: CertificateProfile = {
  serialNumber: Buffer.from("00f1e2d3c4b5a69788796a5b4c3d2e1f", "hex"),
  issuer: ca,
  subject: [{ type: "CN", value: "d-4711" }],
  notBefore: new Date("2026-10-01T00:00:00Z"),
  notAfter: new Date("2031-10-01T00:00:00Z"),
  publicKey: deviceKeys.publicKey,
  keyUsage: keyUsage.digitalSignature | keyUsage.nonRepudiation,
  policies: ["1.3.6.1.4.1.99999.1.1"],
  policiesCritical: true,
  extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"],
  ocspUrl: "http://localhost/ocsp",
  crlUrl: "http://localhost/ca.crl",
};
const issued = await issueCertificate(device, signer);

describe("an issued certificate", () => {
  test("has a valid path to the CA and says what the profile said", () => {
    const certificate = parseCertificate(issued);
    verifyPath({ certificate, anchors: [ca], time: now, requiredPolicies: ["1.3.6.1.4.1.99999.1.1"] });
    expect(certificate.serial).toBe("f1e2d3c4b5a69788796a5b4c3d2e1f");
    expect(certificate.notAfter).toEqual(device.notAfter);
    expect(certificate.publicKey.equals(deviceKeys.publicKey)).toBe(true);
    expect(ca.notAfter).toEqual(root.notAfter);
  });

  test("is read and verified alike by another library and by node", async () => {
    const other = new peculiar.X509Certificate(Buffer.from(issued));
    const otherCa = new peculiar.X509Certificate(Buffer.from(ca.der));
    expect(await other.verify({ publicKey: otherCa.publicKey, date: now })).toBe(true);
    expect(otherCa.subjectName.getField("O")).toEqual(["架空市"]);
    expect(other.getExtension(peculiar.KeyUsagesExtension)?.usages).toBe(
      peculiar.KeyUsageFlags.digitalSignature | peculiar.KeyUsageFlags.nonRepudiation,
    );
    expect(other.getExtension(peculiar.CertificatePolicyExtension)?.policies).toEqual(["1.3.6.1.4.1.99999.1.1"]);
    const node = new X509Certificate(issued);
    expect(node.checkIssued(new X509Certificate(ca.der)) && node.verify(ca.publicKey)).toBe(true);
  });

  test.skipIf(!hasOpenssl)("is accepted by OpenSSL in its strict mode", () => {
    const files = { "ca.pem": pem("CERTIFICATE", ca.der), "leaf.pem": pem("CERTIFICATE", issued) };
    inFolder(files, (openssl) => {
      const time = String(now.getTime() / 1000);
      const answer = openssl(
        "verify",
        "-x509_strict",
        "-policy_check",
        "-attime",
        time,
        "-CAfile",
        "ca.pem",
        "leaf.pem",
      );
      expect(answer.toString()).toContain("leaf.pem: OK");
    });
  });
});

describe("nothing is signed", () => {
  test.each([
    ["without a subject", { subject: [] }],
    ["with serial number zero", { serialNumber: Buffer.alloc(16) }],
    ["with a serial number of 21 octets", { serialNumber: Buffer.alloc(21, 1) }],
    ["that ends before it begins", { notBefore: new Date("2032-01-01T00:00:00Z") }],
    ["that outlives its issuer", { notAfter: new Date("2051-01-01T00:00:01Z") }],
    ["with keyCertSign for somebody who is no CA", { keyUsage: keyUsage.keyCertSign }],
  ] as const)("%s", async (_, changes) => {
    await expect(issueCertificate({ ...device, ...changes }, signer)).rejects.toThrow(code("PROFILE"));
  });

  test("for a weak key", async () => {
    const { publicKey } = rsaKeyPair(1024);
    await expect(issueCertificate({ ...device, publicKey }, signer)).rejects.toThrow(code("WEAK_ALGORITHM"));
  });

  test("by another key than the issuer's, nor below a certificate that is no CA", async () => {
    const other = keySigner(ecKeyPair().privateKey);
    await expect(issueCertificate(device, other)).rejects.toThrow(code("PROFILE"));
    const below = { ...device, issuer: parseCertificate(issued) };
    await expect(issueCertificate(below, keySigner(deviceKeys.privateKey))).rejects.toThrow(code("NOT_A_CA"));
  });
});

test("a signature that does not verify is not handed out", async () => {
  const broken = { ...signer, sign: () => Promise.resolve(Buffer.alloc(70, 1)) };
  await expect(issueCertificate(device, broken)).rejects.toThrow(code("SIGNATURE_INVALID"));
});

test("a key that is not P-256 is no signer", () => {
  expect(() => keySigner(ecKeyPair("P-384").privateKey)).toThrow(TypeError);
});
