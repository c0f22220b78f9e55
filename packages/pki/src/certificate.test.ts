import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { parseCertificate } from "./certificate.ts";
import { jpkiWorld } from "./testing/authority.ts";

const { leaf, authority, leafKeys } = jpkiWorld();

test("a certificate says what node's own parser says", () => {
  const other = new X509Certificate(leaf.der);
  expect(leaf.serial).toBe("0132c4ab");
  expect(BigInt(`0x${leaf.serial}`)).toBe(BigInt(`0x${other.serialNumber}`));
  expect(leaf.notBefore).toEqual(other.validFromDate);
  expect(leaf.notAfter).toEqual(other.validToDate);
  expect(leaf.publicKey.equals(other.publicKey)).toBe(true);
  expect(leaf.publicKey.equals(leafKeys.publicKey)).toBe(true);
  expect(leaf.subject.toString()).toBe("C=JP, L=Tokyo-to, CN=2026010112000000000000000001");
  expect(leaf.authorityKeyIdentifier).toBe(authority.certificate.subjectKeyIdentifier);
  expect(leaf.isSelfIssued).toBe(false);
  expect(authority.certificate.isSelfSigned).toBe(true);
});

test("a parsed certificate does not change with the bytes it was read from", () => {
  const bytes = Buffer.from(leaf.der);
  const certificate = parseCertificate(bytes);
  bytes.fill(0);
  expect(certificate.der.equals(leaf.der)).toBe(true);
});

test("bytes after the certificate are refused", () => {
  expect(() => parseCertificate(Buffer.concat([leaf.der, Buffer.of(0)]))).toThrow(
    expect.objectContaining({ code: "MALFORMED" }),
  );
});

test("a certificate of megabytes is refused before it is read", () => {
  expect(() => parseCertificate(Buffer.alloc(1 << 20))).toThrow(expect.objectContaining({ code: "TOO_COMPLEX" }));
});
