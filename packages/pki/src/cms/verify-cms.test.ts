import { hash as digest, sign } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nullValue, objectIdentifier, octetString, sequence, utf8String } from "../der/writer.ts";
import { keyUsage } from "../extensions.ts";
import { verifyPath } from "../path.ts";
import { PkiError, type PkiErrorCode } from "../pki-error.ts";
import type { MessageAlgorithm } from "../signature.ts";
import {
  ecKeyPair,
  isPastTestCertificates,
  type KeyPair,
  name,
  now,
  rsaKeyPair,
  TestAuthority,
  usage,
} from "../testing/authority.ts";
import { hasOpenssl, inFolder, pem } from "../testing/openssl.ts";
import { type RawSignedData, type RawSigner, rawSignedData } from "../testing/raw-signed-data.ts";
import { hasTool, runTool } from "../testing/tools.ts";
import { attribute } from "./attributes.ts";
import { cmsOids } from "./oids.ts";
import { addSigner, buildSignedData } from "./signed-data.ts";
import { signingCertificateV2 } from "./signing-certificate.ts";
import { type CmsInput, verifyCms } from "./verify-cms.ts";

const authority = new TestAuthority({ keys: ecKeyPair(), name: name(["2.5.4.3", "CMS root"]) });
const content = Buffer.from("契約書\r\n\0", "utf8");

function signerOf(keys: KeyPair, commonName = "signer", bits = keyUsage.digitalSignature | keyUsage.nonRepudiation) {
  const extensions = [usage(bits)];
  const subject = name(["2.5.4.3", commonName]);
  return { keys, certificate: authority.issue({ subject, publicKey: keys.publicKey, extensions }) };
}

const first = signerOf(ecKeyPair(), "first");
const second = signerOf(ecKeyPair("P-384"), "second");
const kinds: Record<MessageAlgorithm, { hash: string; signer: typeof first; pss?: boolean }> = {
  RS256: { hash: "sha256", signer: signerOf(rsaKeyPair(), "RS256") },
  PS256: { hash: "sha256", signer: signerOf(rsaKeyPair(), "PS256"), pss: true },
  ES256: { hash: "sha256", signer: first },
  ES384: { hash: "sha384", signer: second },
};

function by(algorithm: MessageAlgorithm) {
  const { hash, signer, pss } = kinds[algorithm];
  const { privateKey: key } = signer.keys;
  const options = pss ? { key, padding: 6, saltLength: -1 } : key;
  return {
    algorithm,
    certificate: signer.certificate.der,
    sign: async (bytes: Uint8Array) => sign(hash, bytes, options),
    signingTime: now,
  };
}

describe.each(Object.keys(kinds) as MessageAlgorithm[])("%s", (algorithm) => {
  test("what is built verifies, attached and detached, and leads to a path", async () => {
    const attached = await buildSignedData({ ...by(algorithm), content, detached: false });
    const { content: read, signers, certificates } = verifyCms(attached);
    expect(read).toEqual(content);
    expect(signers).toMatchObject([{ signingTime: now, timestamps: [] }]);
    const { certificate } = signers[0]!;
    verifyPath({ certificate, intermediates: certificates, anchors: [authority.certificate], time: now });
    const detached = await buildSignedData({ ...by(algorithm), content, detached: true });
    expect(verifyCms(detached, { content }).content).toBeUndefined();
  });

  test.skipIf(!hasOpenssl)("OpenSSL verifies it, and what OpenSSL signs is verified", async () => {
    const signed = await buildSignedData({ ...by(algorithm), content, detached: false });
    const { signer, hash, pss } = kinds[algorithm];
    const files = {
      "signed.der": signed,
      content,
      "ca.pem": pem("CERTIFICATE", authority.certificate.der),
      "signer.pem": pem("CERTIFICATE", signer.certificate.der),
      "signer.key": signer.keys.privateKey.export({ type: "pkcs8", format: "pem" }),
    };
    inFolder(files, (openssl) => {
      const moment = String(now.getTime() / 1000);
      const check = ["-CAfile", "ca.pem", "-purpose", "any", "-attime", moment];
      const read = openssl("cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", "signed.der", ...check);
      expect(read).toEqual(content);
      const from = ["-in", "content", "-binary", "-signer", "signer.pem", "-inkey", "signer.key", "-md", hash];
      const padding = pss ? ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"] : [];
      const theirs = openssl("cms", "-sign", "-cades", "-outform", "DER", "-nosmimecap", ...from, ...padding);
      expect(verifyCms(theirs, { content }).signers[0]!.certificate.der).toEqual(signer.certificate.der);
    });
  });
});

test("every one of several signers is verified", async () => {
  const one = await buildSignedData({ ...by("ES256"), content, detached: true });
  const three = await addSigner(await addSigner(one, { ...by("ES384"), content }), { ...by("RS256"), content });
  const names = verifyCms(three, { content }).signers.map(({ certificate }) => certificate.subject.toString());
  expect(names.toSorted()).toEqual(["CN=RS256", "CN=first", "CN=second"]);
  const other = await addSigner(one, { ...by("ES384"), content: Buffer.from("another") });
  expect(() => verifyCms(other, { content })).toThrow(refused("DIGEST_MISMATCH"));
});

test("a large content is given by a function that hashes it", async () => {
  const hashed = (hash: string) => digest(hash, content, "buffer");
  const signed = await buildSignedData({ ...by("ES384"), content: hashed, detached: true });
  expect(verifyCms(signed, { content: hashed }).signers).toHaveLength(1);
});

describe("other judges", () => {
  test.skipIf(!hasTool("gpgsm"))("gpgsm finds the signature good", async () => {
    const signed = await buildSignedData({ ...by("RS256"), content, detached: true });
    const fingerprint = digest("sha1", authority.certificate.der, "hex").toUpperCase();
    const files = {
      "signed.der": signed,
      content,
      "ca.pem": pem("CERTIFICATE", authority.certificate.der),
      "trustlist.txt": `${fingerprint} S relax\n`,
      "gpgsm.conf": "disable-crl-checks\nfaked-system-time 20261101T030000\n",
      "gpg-agent.conf": "",
    };
    inFolder(files, (_, folder) => {
      const home = { GNUPGHOME: folder };
      try {
        runTool(folder, "gpgsm", ["--batch", "--import", "ca.pem"], home);
        const { said } = runTool(folder, "gpgsm", ["--batch", "--verify", "signed.der", "content"], home);
        expect(said).toContain("Good signature");
        writeFileSync(join(folder, "content"), "another");
        const changed = runTool(folder, "gpgsm", ["--batch", "--verify", "signed.der", "content"], home);
        expect(changed.said).toContain("invalid signature");
      } finally {
        runTool(folder, "gpgconf", ["--kill", "all"], home);
      }
    });
  });

  test.skipIf(!hasTool("certtool") || isPastTestCertificates())("certtool verifies it up to the root", async () => {
    const signed = await buildSignedData({ ...by("RS256"), content, detached: true });
    const files = { "signed.der": signed, content, "ca.pem": pem("CERTIFICATE", authority.certificate.der) };
    inFolder(files, (_, folder) => {
      const options = ["--p7-verify", "--inder", "--infile", "signed.der", "--load-ca-certificate", "ca.pem"];
      const { said } = runTool(folder, "certtool", [...options, "--load-data", "content"]);
      expect(said).toContain("Signature status: ok");
    });
  });
});

const refused = (code: PkiErrorCode) => expect.objectContaining({ name: "PkiError", code });

/** Attached, by one signer, with what is different. */
const raw = (changes: Partial<RawSigner> = {}, around: Partial<RawSignedData> = {}): Buffer =>
  rawSignedData({
    signers: [{ certificate: first.certificate, key: first.keys.privateKey, content, ...changes }],
    ...around,
  });

const encipherer = signerOf(ecKeyPair(), "encipherer", keyUsage.keyAgreement);
const twin = signerOf(first.keys, "twin");
const digestAttribute = (value: Buffer): Buffer => attribute(cmsOids.messageDigest, value);

describe("refused", () => {
  test("the raw form without anything wrong is not", () => {
    expect(verifyCms(raw()).content).toEqual(content);
  });

  test.each<[string, PkiErrorCode, Buffer, CmsInput?]>([
    ["another content", "DIGEST_MISMATCH", raw({ messageDigest: digestAttribute(octetString(Buffer.alloc(32))) })],
    ["no message-digest", "PROFILE", raw({ messageDigest: null })],
    ["no content-type", "PROFILE", raw({ contentTypeAttribute: null })],
    [
      "another content-type",
      "PROFILE",
      raw({ contentTypeAttribute: attribute(cmsOids.contentType, objectIdentifier(cmsOids.signedData)) }),
    ],
    ["no signing-certificate-v2", "PROFILE", raw({ signingCertificate: null })],
    [
      "another signing-certificate-v2 of the same key",
      "SIGNING_CERTIFICATE_MISMATCH",
      raw({
        signingCertificate: attribute(cmsOids.signingCertificateV2, signingCertificateV2(twin.certificate, "sha256")),
      }),
    ],
    [
      "a key that may not sign",
      "KEY_USAGE",
      raw({ certificate: encipherer.certificate, key: encipherer.keys.privateKey }),
    ],
    ["another key", "SIGNATURE_INVALID", raw({ key: ecKeyPair().privateKey })],
    ["attributes signed under the tag that is sent", "SIGNATURE_INVALID", raw({ signedAsSent: true })],
    ["a signature over the content itself", "PROFILE", raw({ withoutAttributes: true })],
    [
      "attributes out of order",
      "MALFORMED",
      raw({ unsorted: true, further: [attribute(cmsOids.signingTime, octetString(Buffer.of(1)))] }),
    ],
    ["message-digest twice", "MALFORMED", raw({ further: [digestAttribute(octetString(Buffer.alloc(32)))] })],
    [
      "a signing time that is none",
      "MALFORMED",
      raw({ further: [attribute(cmsOids.signingTime, utf8String("today"))] }),
    ],
    ["no certificate", "NO_SIGNER_CERTIFICATE", raw({}, { certificates: [] })],
    ["a version that does not fit", "MALFORMED", raw({ version: 3 })],
    ["an unknown signature algorithm", "UNSUPPORTED", raw({ identifier: sequence(objectIdentifier("1.3.101.112")) })],
    [
      "SHA-512 in the signature and SHA-256 in the digest",
      "MALFORMED",
      raw({ identifier: sequence(objectIdentifier("1.2.840.10045.4.3.4")) }),
    ],
    [
      "RSASSA-PSS by its default of SHA-1",
      "WEAK_ALGORITHM",
      raw({ identifier: sequence(objectIdentifier("1.2.840.113549.1.1.10"), sequence()) }),
    ],
    [
      "PKCS#1 with a key on a curve",
      "SIGNATURE_INVALID",
      raw({ identifier: sequence(objectIdentifier("1.2.840.113549.1.1.11"), nullValue()) }),
    ],
    ["content that is no data", "PROFILE", raw({ contentType: cmsOids.timestampInfo })],
    ["content given for an attached signature", "PROFILE", raw(), { content }],
    ["no content for a detached signature", "PROFILE", raw({}, { detached: true })],
    ["bytes behind the end", "MALFORMED", Buffer.concat([raw(), Buffer.of(0)])],
    ["no SignedData", "UNSUPPORTED", sequence(objectIdentifier(cmsOids.data))],
  ])("%s", (_, code, der, input) => {
    expect(() => verifyCms(der, input)).toThrow(refused(code));
  });

  test("indefinite length", () => {
    const der = raw();
    const indefinite = Buffer.concat([Buffer.of(0x30, 0x80), der.subarray(4), Buffer.alloc(2)]);
    expect(() => verifyCms(indefinite)).toThrow(refused("MALFORMED"));
  });
});

test("any bytes give a result or PkiError, and a changed octet is noticed unless it is in what nobody signed", async () => {
  const der = await buildSignedData({ ...by("ES256"), content, detached: false });
  const outcome = (bytes: Uint8Array) => {
    try {
      return verifyCms(bytes);
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      return error;
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void outcome(bytes)));
  const change = fc.record({ at: fc.nat(der.length - 1), to: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const changed = Buffer.from(der);
      for (const { at, to } of changes) changed[at] = to;
      const result = outcome(changed);
      if (result instanceof PkiError) return;
      expect(result.content).toEqual(content);
      expect(result.signers[0]!.certificate.der).toEqual(first.certificate.der);
    }),
    { numRuns: 2000 },
  );
});
