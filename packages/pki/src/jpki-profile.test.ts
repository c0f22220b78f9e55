import { describe, expect, test } from "vitest";
import type { Certificate } from "./certificate.ts";
import { context } from "./der/tags.ts";
import { element, objectIdentifier, sequence } from "./der/writer.ts";
import { extensionIds, keyUsage } from "./extensions.ts";
import {
  jpkiPolicies,
  ocspUrl,
  parseJpkiAuthenticationCertificate,
  parseJpkiSignatureCertificate,
} from "./jpki-profile.ts";
import {
  extension,
  holder,
  jpkiWorld,
  name,
  personalNames,
  policies,
  signatureUsage,
  usage,
} from "./testing/authority.ts";

const { authority, leaf, leafKeys } = jpkiWorld();
const subject = name(["2.5.4.6", "JP"], ["2.5.4.3", "A1B2C3D4E5F6G713221003A"]);

function issue(...extensions: Buffer[]): Certificate {
  return authority.issue({ subject, publicKey: leafKeys.publicKey, extensions });
}

const person = (changes: Partial<typeof holder>): Certificate =>
  issue(signatureUsage, policies(true, jpkiPolicies.signature), personalNames({ ...holder, ...changes }));

describe("signature certificate", () => {
  test("says who its holder is, character by character", () => {
    expect(parseJpkiSignatureCertificate(leaf)).toEqual({
      certificate: leaf,
      name: "架空　花子",
      nameSubstitutes: [3],
      birthdate: "2000-02-29",
      birthEra: "heisei",
      gender: "female",
      address: "東京都架空区中央一丁目２番３号",
      addressSubstitutes: [],
    });
  });

  test.each([
    ["519451200", "1945-12-00", "reiwa"],
    ["319450000", "1945-00-00", "showa"],
    ["000000000", "0000-00-00", "unknown"],
    ["500000229", "0000-02-29", "reiwa"],
  ])("keeps the unknown parts of a birth date: %s", (written, birthdate, birthEra) => {
    expect(parseJpkiSignatureCertificate(person({ birthdate: written }))).toMatchObject({ birthdate, birthEra });
  });

  test.each([
    ["no era", { birthdate: "20000101" }],
    ["an era that does not exist", { birthdate: "920000101" }],
    ["a day that does not exist", { birthdate: "419990229" }],
    ["a month that does not exist", { birthdate: "419991300" }],
    ["another gender", { gender: "4" }],
    ["no name", { name: "" }],
    ["no address", { address: "" }],
    ["other substitute positions", { nameSubstitutes: "0002" }],
  ])("is refused with %s", (_, changes) => {
    expect(() => parseJpkiSignatureCertificate(person(changes))).toThrow(expect.objectContaining({ code: "PROFILE" }));
  });

  test.each([
    ["another policy", "POLICY", [signatureUsage, policies(true, jpkiPolicies.authentication), personalNames(holder)]],
    [
      "a second policy",
      "POLICY",
      [signatureUsage, policies(true, jpkiPolicies.signature, "1.2.3"), personalNames(holder)],
    ],
    ["a policy that is not critical", "PROFILE", [signatureUsage, policies(false, jpkiPolicies.signature)]],
    ["another key usage", "KEY_USAGE", [usage(keyUsage.digitalSignature), policies(true, jpkiPolicies.signature)]],
    ["no attributes", "PROFILE", [signatureUsage, policies(true, jpkiPolicies.signature)]],
  ])("is refused with %s", (_, code, extensions) => {
    expect(() => parseJpkiSignatureCertificate(issue(...extensions))).toThrow(expect.objectContaining({ code }));
  });
});

describe("authentication certificate", () => {
  const url = "http://ocsp.example.jp/auth";
  const access = extension(
    extensionIds.authorityInfoAccess,
    false,
    sequence(sequence(objectIdentifier("1.3.6.1.5.5.7.48.1"), element(context(6), Buffer.from(url)))),
  );

  test("says its common name and where to ask for its status", () => {
    const certificate = issue(usage(keyUsage.digitalSignature), policies(true, jpkiPolicies.authentication), access);
    expect(parseJpkiAuthenticationCertificate(certificate)).toEqual({
      certificate,
      commonName: "A1B2C3D4E5F6G713221003A",
      ocspUrl: url,
    });
    expect(ocspUrl(leaf)).toBeUndefined();
  });

  test("is not taken for a signature certificate, nor the other way round", () => {
    const certificate = issue(usage(keyUsage.digitalSignature), policies(true, jpkiPolicies.authentication));
    expect(() => parseJpkiSignatureCertificate(certificate)).toThrow(expect.objectContaining({ code: "POLICY" }));
    expect(() => parseJpkiAuthenticationCertificate(leaf)).toThrow(expect.objectContaining({ code: "POLICY" }));
  });
});
