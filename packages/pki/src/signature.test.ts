import { sign } from "node:crypto";
import { expect, test } from "vitest";
import { keyUsage } from "./extensions.ts";
import { encodeEcdsaSignature, verifySignature } from "./signature.ts";
import { ecKeyPair, jpkiWorld, name, usage } from "./testing/authority.ts";

const { authority, leaf, leafKeys } = jpkiWorld();
const data = Buffer.from("statement");
const signature = sign("sha256", data, leafKeys.privateKey);
const code = (code: string) => expect.objectContaining({ code });

test("a signature by the certificate's key over the data is accepted", () => {
  verifySignature({ certificate: leaf, algorithm: "RS256", data, signature });
  verifySignature({ certificate: { certificate: leaf }, algorithm: "RS256", data, signature });
});

test("other data, another signature, another key and another algorithm are refused", () => {
  const wrong = { certificate: leaf, algorithm: "RS256", data, signature } as const;
  expect(() => verifySignature({ ...wrong, data: Buffer.from("statemenu") })).toThrow(code("SIGNATURE_INVALID"));
  expect(() => verifySignature({ ...wrong, signature: signature.subarray(1) })).toThrow(code("SIGNATURE_INVALID"));
  expect(() => verifySignature({ ...wrong, signature: Buffer.alloc(0) })).toThrow(code("SIGNATURE_INVALID"));
  expect(() => verifySignature({ ...wrong, algorithm: "ES256" })).toThrow(code("SIGNATURE_INVALID"));
  expect(() => verifySignature({ ...wrong, signature: sign("sha1", data, leafKeys.privateKey) })).toThrow(
    code("SIGNATURE_INVALID"),
  );
});

test("ES256 and ES384 each take their own curve only", () => {
  const subject = name(["2.5.4.3", "device"]);
  for (const [algorithm, curve, hash] of [
    ["ES256", "P-256", "sha256"],
    ["ES384", "P-384", "sha384"],
  ] as const) {
    const keys = ecKeyPair(curve);
    const certificate = authority.issue({
      subject,
      publicKey: keys.publicKey,
      extensions: [usage(keyUsage.digitalSignature)],
    });
    const own = { certificate, data, signature: sign(hash, data, keys.privateKey) };
    verifySignature({ ...own, algorithm });
    expect(() => verifySignature({ ...own, algorithm: algorithm === "ES256" ? "ES384" : "ES256" })).toThrow(
      code("SIGNATURE_INVALID"),
    );
  }
});

test("a certificate that is not for signing signs nothing", () => {
  const keys = ecKeyPair();
  const certificate = authority.issue({
    subject: name(["2.5.4.3", "device"]),
    publicKey: keys.publicKey,
    extensions: [usage(keyUsage.keyAgreement)],
  });
  expect(() =>
    verifySignature({ certificate, algorithm: "ES256", data, signature: sign("sha256", data, keys.privateKey) }),
  ).toThrow(code("KEY_USAGE"));
});

test("r and s of one length become the DER that ES384 is verified with, whatever their first bits", () => {
  const keys = ecKeyPair("P-384");
  const subject = name(["2.5.4.3", "card"]);
  const certificate = authority.issue({
    subject,
    publicKey: keys.publicKey,
    extensions: [usage(keyUsage.digitalSignature)],
  });
  for (let message = 0; message < 20; message++) {
    const bytes = Buffer.of(message);
    const raw = sign("sha384", bytes, { key: keys.privateKey, dsaEncoding: "ieee-p1363" });
    verifySignature({ certificate, algorithm: "ES384", data: bytes, signature: encodeEcdsaSignature(raw) });
  }
});

test("PS256 takes a salt of 32 octets, and no PKCS#1 signature", () => {
  const pss = (saltLength: number) => sign("sha256", data, { key: leafKeys.privateKey, padding: 6, saltLength });
  const by = { certificate: leaf, algorithm: "PS256", data } as const;
  verifySignature({ ...by, signature: pss(32) });
  expect(() => verifySignature({ ...by, signature: pss(20) })).toThrow(code("SIGNATURE_INVALID"));
  expect(() => verifySignature({ ...by, signature })).toThrow(code("SIGNATURE_INVALID"));
  const keys = ecKeyPair();
  const certificate = authority.issue({ subject: name(["2.5.4.3", "x"]), publicKey: keys.publicKey, extensions: [] });
  expect(() => verifySignature({ ...by, certificate, signature: pss(32) })).toThrow(code("SIGNATURE_INVALID"));
});
