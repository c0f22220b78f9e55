import { describe, expect, test } from "vitest";
import type { Certificate } from "./certificate.ts";
import { keyUsage } from "./extensions.ts";
import { jpkiPolicies } from "./jpki-profile.ts";
import { type PathInput, verifyPath } from "./path.ts";
import {
  basicConstraints,
  ecKeyPair,
  jpkiWorld,
  name,
  now,
  policies,
  rsaKeyPair,
  signatureUsage,
  TestAuthority,
  usage,
} from "./testing/authority.ts";

const { authority, leaf } = jpkiWorld();
const anchors = [authority.certificate];
const verify = (input: Partial<PathInput>) => verifyPath({ certificate: leaf, anchors, time: now, ...input });
const code = (code: string) => expect.objectContaining({ code });
const caName = name(["2.5.4.3", "Root"]);
const caUsage = usage(keyUsage.keyCertSign | keyUsage.cRLSign);

function leafOf(issuer: TestAuthority): Certificate {
  return issuer.issue({
    subject: name(["2.5.4.3", "leaf"]),
    publicKey: ecKeyPair().publicKey,
    extensions: [signatureUsage],
  });
}

describe("path", () => {
  test("leads from the trust anchor to the certificate and says for which policies", () => {
    const found = verify({ requiredPolicies: [jpkiPolicies.signature] });
    expect(found.anchor).toBe(authority.certificate);
    expect(found.path).toEqual([leaf]);
    expect([...found.policies]).toEqual([jpkiPolicies.signature]);
  });

  test("without trust anchors is an error of its own", () => {
    expect(() => verify({ anchors: [] })).toThrow(code("NO_TRUST_ANCHORS"));
  });

  test("is refused to a certificate of the other policy, and where no policy is acceptable", () => {
    expect(() => verify({ requiredPolicies: [jpkiPolicies.authentication] })).toThrow(code("POLICY"));
    expect(() => verify({ requiredPolicies: [] })).toThrow(code("POLICY"));
  });

  test("ends with the last second of validity", () => {
    expect(verify({ time: new Date("2030-12-31T14:59:59.999Z") }).certificate).toBe(leaf);
    expect(() => verify({ time: new Date("2030-12-31T15:00:00Z") })).toThrow(code("EXPIRED"));
    expect(() => verify({ time: new Date("2025-12-31T23:59:59.999Z") })).toThrow(code("NOT_YET_VALID"));
    expect(() => verify({ time: new Date(Number.NaN) })).toThrow(code("NOT_YET_VALID"));
  });

  test("finds the issuer among CAs of one name with different keys", () => {
    const others = Array.from(
      { length: 5 },
      () => new TestAuthority({ keys: ecKeyPair(), name: authority.name }).certificate,
    );
    expect(verify({ anchors: [...others, authority.certificate] }).anchor).toBe(authority.certificate);
    expect(() => verify({ anchors: others })).toThrow(code("UNTRUSTED"));
  });

  test("is refused when the named key did not sign", () => {
    const impostor = new TestAuthority({ keys: rsaKeyPair(), name: authority.name });
    const forged = impostor.issue({
      subject: leaf.subject.der,
      publicKey: leaf.publicKey,
      bare: true,
      extensions: [signatureUsage, policies(true, jpkiPolicies.signature)],
    });
    expect(() => verify({ certificate: forged })).toThrow(code("SIGNATURE_INVALID"));
  });

  test("takes another way when the first one has expired", () => {
    const root = new TestAuthority({ keys: ecKeyPair(), name: caName });
    const keys = ecKeyPair();
    const middle = new TestAuthority({ keys, name: name(["2.5.4.3", "Middle"]), issuer: root });
    const expired = root.issue({
      subject: middle.name,
      publicKey: keys.publicKey,
      notAfter: new Date("2026-02-01T00:00:00Z"),
      extensions: [caUsage, basicConstraints()],
    });
    const input = { certificate: leafOf(middle), anchors: [root.certificate] };
    expect(verify({ ...input, intermediates: [expired, middle.certificate] }).path).toHaveLength(2);
    expect(() => verify({ ...input, intermediates: [expired] })).toThrow(code("EXPIRED"));
  });

  test("may not pass an issuer that is no CA", () => {
    const root = new TestAuthority({ keys: ecKeyPair(), name: caName });
    const person = new TestAuthority({
      keys: ecKeyPair(),
      name: name(["2.5.4.3", "person"]),
      issuer: root,
      extensions: [signatureUsage],
    });
    expect(() =>
      verify({ certificate: leafOf(person), intermediates: [person.certificate], anchors: [root.certificate] }),
    ).toThrow(code("NOT_A_CA"));
  });

  test("may be no longer than the caller allows", () => {
    const root = new TestAuthority({ keys: ecKeyPair(), name: caName });
    const middle = new TestAuthority({ keys: ecKeyPair(), name: name(["2.5.4.3", "Middle"]), issuer: root });
    const input = { certificate: leafOf(middle), intermediates: [middle.certificate], anchors: [root.certificate] };
    expect(verify({ ...input, maxPathLength: 1 }).path).toHaveLength(2);
    expect(() => verify({ ...input, maxPathLength: 0 })).toThrow(code("PATH_LENGTH"));
  });

  test.each([
    ["RSA of 1024 bits", () => rsaKeyPair(1024), "WEAK_ALGORITHM"],
    ["P-192", () => ecKeyPair("prime192v1"), "WEAK_ALGORITHM"],
    ["secp256k1", () => ecKeyPair("secp256k1"), "WEAK_ALGORITHM"],
  ])("is refused to a key of %s", (_, keys, expected) => {
    const weak = authority.issue({
      subject: leaf.subject.der,
      publicKey: keys().publicKey,
      extensions: [signatureUsage],
    });
    expect(() => verify({ certificate: weak })).toThrow(code(expected));
  });
});
