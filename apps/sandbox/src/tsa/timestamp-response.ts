import { createHash, randomBytes, sign } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { Accuracy, MessageImprint, TimeStampReq, TSTInfo } from "@peculiar/asn1-tsp";
import { AlgorithmIdentifier, Certificate } from "@peculiar/asn1-x509";
import { exactBuffer, signatureAlgorithm } from "../ca/certificate.ts";
import { element, tags } from "../ca/der.ts";
import type { TimestampAuthority } from "./timestamp-authority.ts";

/** In the arc for examples (ITU-T X.660): nobody's policy. */
export const timestampPolicy = "2.999.3161.1";

/** Octets of the digests that are stamped. */
const digests: Readonly<Record<string, number>> = {
  "2.16.840.1.101.3.4.2.1": 32,
  "2.16.840.1.101.3.4.2.2": 48,
  "2.16.840.1.101.3.4.2.3": 64,
};

/** PKIFailureInfo (RFC 3161 §2.4.2) as content of a BIT STRING. */
const failures = {
  badAlg: [7, 0x80],
  badDataFormat: [2, 0x04],
  unacceptedPolicy: [0, 0x00, 0x01],
  unacceptedExtension: [7, 0x00, 0x00, 0x80],
} as const;

/** Answers a TimeStampReq (RFC 3161 §2.4) with a token, or with why there is none. Takes any bytes. */
export function timestampResponse(authority: TimestampAuthority, request: Uint8Array, now: Date): Uint8Array {
  const asked = parseRequest(request);
  if (!asked) return refusal("badDataFormat");
  const { messageImprint, reqPolicy, extensions } = asked;
  const length = digests[messageImprint.hashAlgorithm.algorithm];
  if (length === undefined) return refusal("badAlg");
  if (messageImprint.hashedMessage.byteLength !== length) return refusal("badDataFormat");
  if (reqPolicy !== undefined && reqPolicy !== timestampPolicy) return refusal("unacceptedPolicy");
  if (extensions !== undefined) return refusal("unacceptedExtension");
  const granted = element(tags.sequence, element(tags.integer, Buffer.of(0)));
  return element(tags.sequence, granted, token(authority, asked, now));
}

function refusal(why: keyof typeof failures): Uint8Array {
  const reason = element(tags.bitString, Buffer.from(failures[why]));
  return element(tags.sequence, element(tags.sequence, element(tags.integer, Buffer.of(2)), reason));
}

function parseRequest(request: Uint8Array): TimeStampReq | undefined {
  try {
    const asked = AsnConvert.parse(request, TimeStampReq);
    return Number(asked.version) === 1 ? asked : undefined;
  } catch {
    return undefined;
  }
}

function token(authority: TimestampAuthority, asked: TimeStampReq, now: Date): Buffer {
  const serial = randomBytes(8);
  // Positive, and of no less than eight octets.
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  const { hashAlgorithm, hashedMessage } = asked.messageImprint;
  const info = new TSTInfo({
    policy: timestampPolicy,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithm: hashAlgorithm.algorithm }),
      hashedMessage: new OctetString(hashedMessage.buffer),
    }),
    serialNumber: exactBuffer(serial),
    genTime: new Date(Math.floor(now.getTime() / 1000) * 1000),
    accuracy: new Accuracy({ seconds: 1 }),
    ...(asked.nonce && { nonce: asked.nonce }),
  });
  return signedData(authority, Buffer.from(AsnConvert.serialize(info)), asked.certReq);
}

const sequence = (...contents: Uint8Array[]): Buffer => element(tags.sequence, ...contents);
const set = (...contents: Uint8Array[]): Buffer => element(0x31, ...[...contents].sort(Buffer.compare));
const octets = (content: Uint8Array): Buffer => element(tags.octetString, content);
/** OBJECT IDENTIFIER from the octets of its content. */
const oid = (hex: string): Buffer => element(tags.objectIdentifier, Buffer.from(hex, "hex"));

const ids = {
  sha256: oid("608648016503040201"),
  signedData: oid("2a864886f70d010702"),
  timestampInfo: oid("2a864886f70d0109100104"),
  contentType: oid("2a864886f70d010903"),
  messageDigest: oid("2a864886f70d010904"),
  signingCertificateV2: oid("2a864886f70d010910022f"),
};

/** CMS (RFC 5652 §5) around a TSTInfo; the certificate is named by SHA-256 (RFC 5816). */
function signedData(
  { certificate, privateKey }: TimestampAuthority,
  content: Buffer,
  withCertificate: boolean,
): Buffer {
  const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
  const { issuer, serialNumber } = AsnConvert.parse(certificate, Certificate).tbsCertificate;
  const attribute = (type: Buffer, value: Buffer) => sequence(type, set(value));
  const attributes = set(
    attribute(ids.contentType, ids.timestampInfo),
    attribute(ids.messageDigest, octets(digest(content))),
    attribute(ids.signingCertificateV2, sequence(sequence(sequence(octets(digest(certificate)))))),
  );
  const sent = Buffer.from(attributes);
  sent[0] = 0xa0;
  const signer = sequence(
    element(tags.integer, Buffer.of(1)),
    sequence(Buffer.from(AsnConvert.serialize(issuer)), element(tags.integer, Buffer.from(serialNumber))),
    sequence(ids.sha256),
    sent,
    Buffer.from(AsnConvert.serialize(signatureAlgorithm())),
    octets(sign("sha256", attributes, privateKey)),
  );
  const data = sequence(
    element(tags.integer, Buffer.of(3)),
    set(sequence(ids.sha256)),
    sequence(ids.timestampInfo, element(0xa0, octets(content))),
    ...(withCertificate ? [element(0xa0, certificate)] : []),
    set(signer),
  );
  return sequence(ids.signedData, element(0xa0, data));
}
