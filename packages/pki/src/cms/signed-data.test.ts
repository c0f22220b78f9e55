import { createHash, type KeyObject, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Certificate } from "../certificate.ts";
import { ecKeyPair, jpkiWorld, name, now, rsaKeyPair, signatureUsage, TestAuthority } from "../testing/authority.ts";
import { hasOpenssl, inFolder, pem } from "../testing/openssl.ts";
import { buildSignedData, type SignedDataInput, wrapSignature } from "./signed-data.ts";

const { authority, leaf, leafKeys } = jpkiWorld();
const content = Buffer.from("契約書\r\n\0", "utf8");

function input(changes: Partial<SignedDataInput> = {}, key: KeyObject = leafKeys.privateKey): SignedDataInput {
  return {
    content,
    detached: true,
    certificate: leaf.der,
    algorithm: "RS256",
    sign: async (bytes) => sign(changes.algorithm === "ES384" ? "sha384" : "sha256", bytes, key),
    signingTime: now,
    ...changes,
  };
}

describe.skipIf(!hasOpenssl)("openssl cms", () => {
  /** The content as OpenSSL gives it out; throws when it does not verify. */
  function verified(signed: Uint8Array, root: Certificate, detached?: Uint8Array, form = ["-cades"]): Buffer {
    const files = { "signed.der": signed, "ca.pem": pem("CERTIFICATE", root.der), content: detached ?? "" };
    return inFolder(files, (openssl) => {
      const by = ["-inform", "DER", "-in", "signed.der", "-CAfile", "ca.pem", "-purpose", "any"];
      const moment = String(now.getTime() / 1000);
      const beside = detached ? ["-content", "content"] : [];
      return openssl("cms", "-verify", "-binary", ...form, "-attime", moment, ...by, ...beside);
    });
  }

  test("verifies a detached signature against the file beside it, and no other", async () => {
    const signed = await buildSignedData(input());
    expect(verified(signed, authority.certificate, content)).toEqual(content);
    expect(() => verified(signed, authority.certificate, Buffer.from("another"))).toThrow(/content verify error/);
  });

  test("verifies a signature over the content itself, wrapped, against the file beside it and no other", () => {
    const wrapped = wrapSignature({
      certificate: leaf.der,
      digest: createHash("sha256").update(content).digest(),
      signature: sign("sha256", content, leafKeys.privateKey),
    });
    expect(verified(wrapped, authority.certificate, content, [])).toEqual(content);
    expect(() => verified(wrapped, authority.certificate, Buffer.from("another"), [])).toThrow(/verification failure/i);
  });

  test("gives out the content of an attached one", async () => {
    const signed = await buildSignedData(input({ detached: false }));
    expect(verified(signed, authority.certificate)).toEqual(content);
    const changed = Buffer.from(signed);
    changed[changed.indexOf(content)] = 0x00;
    expect(() => verified(changed, authority.certificate)).toThrow();
  });

  test.each([
    ["RS256", rsaKeyPair(4096)],
    ["ES256", ecKeyPair("P-256")],
    ["ES384", ecKeyPair("P-384")],
  ] as const)("verifies %s with a certificate below an intermediate one that is put in", async (algorithm, keys) => {
    const root = new TestAuthority({ keys: ecKeyPair(), name: name(["2.5.4.3", "root"]) });
    const middle = new TestAuthority({ keys: ecKeyPair(), name: name(["2.5.4.3", "middle"]), issuer: root });
    const subject = name(["2.5.4.3", "signer"]);
    const signer = middle.issue({ subject, publicKey: keys.publicKey, extensions: [signatureUsage] });
    const parts = { certificate: signer.der, furtherCertificates: [middle.certificate.der], algorithm };
    const signed = await buildSignedData(input({ ...parts, detached: false }, keys.privateKey));
    expect(verified(signed, root.certificate)).toEqual(content);
  });

  test("reads the time and the kind of content", async () => {
    const signed = await buildSignedData(input());
    const printed = inFolder({ "signed.der": signed }, (openssl) =>
      openssl("cms", "-cmsout", "-print", "-inform", "DER", "-in", "signed.der").toString(),
    );
    expect(printed).toContain("UTCTIME:Nov  1 03:00:00 2026 GMT");
    expect(printed).toContain("eContent: <ABSENT>");
    expect(printed).toContain("id-smime-aa-signingCertificateV2");
  });
});

test("a card that signs with another key than its certificate's is found out before anything is given out", async () => {
  await expect(buildSignedData(input({}, rsaKeyPair().privateKey))).rejects.toMatchObject({
    code: "SIGNATURE_INVALID",
  });
});

test.each([
  ["a signer's certificate", { certificate: Buffer.from("no certificate") }],
  ["a further certificate", { furtherCertificates: [Buffer.from("no certificate")] }],
])("%s that is none is MALFORMED", async (_, changes) => {
  await expect(buildSignedData(input(changes))).rejects.toMatchObject({ code: "MALFORMED" });
});

test("a signature that does not fit its digest is not wrapped", () => {
  const signature = sign("sha256", content, leafKeys.privateKey);
  for (const digest of [Buffer.alloc(32), Buffer.alloc(20), Buffer.alloc(0)]) {
    expect(() => wrapSignature({ certificate: leaf.der, digest, signature })).toThrow(
      expect.objectContaining({ code: "SIGNATURE_INVALID" }),
    );
  }
});
