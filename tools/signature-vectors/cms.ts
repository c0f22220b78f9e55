import { addSigner, buildSignedData } from "@xid/pki";
import {
  attribute,
  cmsOids,
  messageSignatures,
  objectIdentifier,
  octetString,
  type RawSignedData,
  type RawSigner,
  rawSignedData,
  sequence,
  signingCertificateV2,
  utf8String,
} from "@xid/pki/testing";
import { base64, type Vector } from "../jpki-vectors/vector.ts";
import { by, content, encipherer, hanako, jiro, keys, twin } from "./world.ts";

type CmsVector = Omit<Vector, "expect"> & { detached?: true; expect: { code: string } | { signers: number } };

const raw = (changes: Partial<RawSigner> = {}, around: Partial<RawSignedData> = {}): Buffer =>
  rawSignedData({ signers: [{ ...by, ...changes }], ...around });

const messageDigest = (octets: Buffer) => attribute(cmsOids.messageDigest, octetString(octets));

export async function cmsVectors(): Promise<CmsVector[]> {
  const one = await buildSignedData({ ...hanako, content, detached: true });
  const two = await addSigner(one, { ...jiro, content });
  const twoContents = await addSigner(one, { ...jiro, content: Buffer.from("another") });
  const der = raw();
  const broken: [id: string, code: string, der: Buffer][] = [
    ["message-digest-of-another-content", "DIGEST_MISMATCH", raw({ messageDigest: messageDigest(Buffer.alloc(32)) })],
    ["without-message-digest", "PROFILE", raw({ messageDigest: null })],
    ["without-content-type", "PROFILE", raw({ contentTypeAttribute: null })],
    [
      "content-type-of-another-kind",
      "PROFILE",
      raw({ contentTypeAttribute: attribute(cmsOids.contentType, objectIdentifier(cmsOids.signedData)) }),
    ],
    ["without-signing-certificate", "PROFILE", raw({ signingCertificate: null })],
    [
      "signing-certificate-of-the-same-key",
      "SIGNING_CERTIFICATE_MISMATCH",
      raw({ signingCertificate: attribute(cmsOids.signingCertificateV2, signingCertificateV2(twin, "sha256")) }),
    ],
    ["key-that-may-not-sign", "KEY_USAGE", raw({ certificate: encipherer })],
    ["signature-by-another-key", "SIGNATURE_INVALID", raw({ key: keys.other.privateKey })],
    ["attributes-signed-as-sent", "SIGNATURE_INVALID", raw({ signedAsSent: true })],
    ["without-signed-attributes", "PROFILE", raw({ withoutAttributes: true })],
    [
      "attributes-out-of-order",
      "MALFORMED",
      raw({ unsorted: true, further: [attribute("1.2.3", octetString(Buffer.of(1)))] }),
    ],
    ["message-digest-twice", "MALFORMED", raw({ further: [messageDigest(Buffer.alloc(32))] })],
    ["signing-time-that-is-none", "MALFORMED", raw({ further: [attribute(cmsOids.signingTime, utf8String("today"))] })],
    ["without-certificate", "NO_SIGNER_CERTIFICATE", raw({}, { certificates: [] })],
    ["version-of-another-identifier", "MALFORMED", raw({ version: 3 })],
    ["unknown-signature-algorithm", "UNSUPPORTED", raw({ identifier: sequence(objectIdentifier("1.3.101.112")) })],
    [
      "hash-other-than-the-digest",
      "MALFORMED",
      raw({ identifier: sequence(objectIdentifier("1.2.840.113549.1.1.13"), Buffer.of(5, 0)) }),
    ],
    [
      "pss-with-sha-1",
      "WEAK_ALGORITHM",
      raw({ identifier: sequence(objectIdentifier("1.2.840.113549.1.1.10"), sequence()) }),
    ],
    ["ecdsa-with-an-rsa-key", "SIGNATURE_INVALID", raw({ identifier: messageSignatures.ES256.identifier })],
    ["content-that-is-no-data", "PROFILE", raw({ contentType: cmsOids.timestampInfo })],
    ["octets-behind-the-end", "MALFORMED", Buffer.concat([der, Buffer.of(0)])],
    ["indefinite-length", "MALFORMED", Buffer.concat([Buffer.of(0x30, 0x80), der.subarray(4), Buffer.alloc(2)])],
  ];
  return [
    { id: "good/attached", expect: { signers: 1 }, der: base64(der) },
    { id: "good/detached", detached: true, expect: { signers: 1 }, der: base64(one) },
    { id: "good/two-signers", detached: true, expect: { signers: 2 }, der: base64(two) },
    { id: "two-contents", detached: true, expect: { code: "DIGEST_MISMATCH" }, der: base64(twoContents) },
    ...broken.map(([id, code, bytes]) => ({ id, expect: { code }, der: base64(bytes) })),
  ];
}
