import { createPublicKey, generateKeyPair, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  Certificate,
  type Extension,
  Extensions,
  type Name,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from "@peculiar/asn1-x509";

export type KeyPair = { publicKey: KeyObject; privateKey: KeyObject };

/** RSA-2048 with e=65537, the only key of the JPKI; made in parallel on the thread pool. */
export function makeKeyPairs(count: number): Promise<KeyPair[]> {
  const generate = promisify(generateKeyPair);
  return Promise.all(Array.from({ length: count }, () => generate("rsa", { modulusLength: 2048 })));
}

/** The same for one that nobody could foresee; it holds up everything else for a tenth of a second. */
export function makeKeyPair(): KeyPair {
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}

/** P-384, as the draft of the next card has it. */
export function makeDraftKeyPair(): KeyPair {
  return generateKeyPairSync("ec", { namedCurve: "P-384" });
}

/** sha256WithRSAEncryption, with the NULL that RFC 4055 §5 wants. */
export const signatureAlgorithm = () =>
  new AlgorithmIdentifier({ algorithm: "1.2.840.113549.1.1.11", parameters: Uint8Array.of(5, 0).buffer });

export type ToBeSigned = {
  serial: number;
  issuer: Name;
  notBefore: Date;
  notAfter: Date;
  subject: Name;
  subjectKey: SubjectPublicKeyInfo;
  /** In the order of the certificate. */
  extensions: Extension[];
};

/** The DER of a version 3 certificate. Nothing about the contents is checked. */
export function signCertificate(contents: ToBeSigned, issuerKey: KeyObject): Uint8Array {
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialOctets(contents.serial),
    signature: signatureAlgorithm(),
    issuer: contents.issuer,
    validity: new Validity({ notBefore: contents.notBefore, notAfter: contents.notAfter }),
    subject: contents.subject,
    subjectPublicKeyInfo: contents.subjectKey,
    extensions: new Extensions(contents.extensions),
  });
  const signatureValue = signStructure(tbsCertificate, issuerKey);
  const certificate = new Certificate({ tbsCertificate, signatureAlgorithm: signatureAlgorithm(), signatureValue });
  return new Uint8Array(AsnConvert.serialize(certificate));
}

/** RSASSA-PKCS1-v1_5 with SHA-256 over the DER of a structure. */
export function signStructure(structure: object, key: KeyObject): ArrayBuffer {
  return exactBuffer(sign("sha256", new Uint8Array(AsnConvert.serialize(structure)), key));
}

export function subjectPublicKeyInfo(key: KeyObject): SubjectPublicKeyInfo {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return AsnConvert.parse(publicKey.export({ type: "spki", format: "der" }), SubjectPublicKeyInfo);
}

/** The contents of the INTEGER: minimal, with a zero octet in front where the first bit would make it negative. */
export function serialOctets(serial: number): ArrayBuffer {
  const hex = serialHex(serial);
  return exactBuffer(Buffer.from(Number.parseInt(hex.slice(0, 2), 16) >= 0x80 ? `00${hex}` : hex, "hex"));
}

/** A serial number as all our interfaces write it: lower-case hexadecimal, an even number of digits. */
export function serialHex(serial: number): string {
  const digits = serial.toString(16);
  return digits.length % 2 ? `0${digits}` : digits;
}

/** A serial number from hexadecimal or from the contents of an INTEGER; undefined for one that we never issue. */
export function parseSerial(hex: string): number | undefined {
  const digits = hex.replace(/^0+/, "");
  return /^[0-9a-fA-F]{1,12}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

export function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
