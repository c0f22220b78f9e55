import { type Certificate, parseCertificate } from "../certificate.ts";
import { DerReader } from "../der/reader.ts";
import { context, contextConstructed, tags } from "../der/tags.ts";
import { type Name, readName } from "../name.ts";
import { PkiError } from "../pki-error.ts";
import type { HashName } from "../rsa-signature.ts";
import { type Attributes, readAttributes } from "./attributes.ts";
import { readDigestAlgorithm } from "./digest-algorithm.ts";
import { type MessageSignatureAlgorithm, readMessageSignatureAlgorithm } from "./message-signature-algorithm.ts";
import { cmsOids } from "./oids.ts";

const limits = { signers: 16, certificates: 64, crls: 64, digestAlgorithms: 16 };

export type SignerInfo = {
  /** Content of the SignerInfo as received. */
  readonly der: Buffer;
  readonly signer: { readonly issuer: Name; readonly serialNumber: Buffer } | { readonly keyIdentifier: Buffer };
  readonly digestAlgorithm: HashName;
  /** The signed attributes under the tag of a SET: what is hashed (RFC 5652 5.4). */
  readonly signed: Buffer;
  readonly signedAttributes: Attributes;
  readonly signatureAlgorithm: MessageSignatureAlgorithm;
  readonly signature: Buffer;
  readonly unsignedAttributes: Attributes;
};

/** A CMS SignedData as it was received. Nothing in it is verified. */
export type SignedData = {
  readonly version: number;
  readonly contentType: string;
  /** Absent in a detached signature. */
  readonly content: Buffer | undefined;
  readonly digestAlgorithms: readonly Buffer[];
  readonly certificates: readonly Certificate[];
  /** DER of each. */
  readonly crls: readonly Buffer[];
  readonly signers: readonly SignerInfo[];
};

/**
 * Parses a ContentInfo that holds SignedData (RFC 5652 sections 3 and 5), in DER throughout. Throws `MALFORMED`,
 * `UNSUPPORTED` (no SignedData, attribute certificates), `WEAK_ALGORITHM`, `PROFILE` (a signer without signed attributes) or
 * `TOO_COMPLEX`. `der` is not copied and must not change afterwards.
 */
export function parseSignedData(der: Uint8Array): SignedData {
  const outer = new DerReader(Buffer.from(der.buffer, der.byteOffset, der.length));
  const contentInfo = outer.enter(tags.sequence);
  outer.finish();
  const type = contentInfo.oid();
  if (type !== cmsOids.signedData) throw new PkiError("UNSUPPORTED", `content of type ${type}`);
  const explicit = contentInfo.enter(contextConstructed(0));
  contentInfo.finish();
  const reader = explicit.enter(tags.sequence);
  explicit.finish();

  const version = reader.smallInteger();
  if (version > 5) throw new PkiError("UNSUPPORTED", "a later version of SignedData");
  const digestAlgorithms = readSet(reader, tags.set, limits.digestAlgorithms, (set) => set.element());
  const { contentType, content } = readEncapsulated(reader.enter(tags.sequence));
  const certificates =
    reader.tag === contextConstructed(0)
      ? readSet(reader, contextConstructed(0), limits.certificates, (set) => {
          if (set.tag !== tags.sequence) throw new PkiError("UNSUPPORTED", "a certificate that is not X.509");
          return parseCertificate(set.element());
        })
      : [];
  const crls =
    reader.tag === contextConstructed(1)
      ? readSet(reader, contextConstructed(1), limits.crls, (set) => ({ tag: set.tag, der: set.element() }))
      : [];
  const signers = readSet(reader, tags.set, limits.signers, readSignerInfo);
  reader.finish();
  return {
    version,
    contentType,
    content,
    digestAlgorithms,
    certificates,
    crls: crls.filter(({ tag }) => tag === tags.sequence).map((crl) => crl.der),
    signers,
  };
}

function readSet<T>(reader: DerReader, tag: number, limit: number, read: (set: DerReader) => T): T[] {
  const set = reader.enter(tag);
  const values: T[] = [];
  while (!set.done) {
    if (values.length === limit) throw new PkiError("TOO_COMPLEX", `more than ${limit} elements`);
    values.push(read(set));
  }
  return values;
}

function readEncapsulated(info: DerReader): { contentType: string; content: Buffer | undefined } {
  const contentType = info.oid();
  if (info.done) return { contentType, content: undefined };
  const explicit = info.enter(contextConstructed(0));
  info.finish();
  const content = explicit.content(tags.octetString);
  explicit.finish();
  return { contentType, content };
}

function readSignerInfo(set: DerReader): SignerInfo {
  const start = set.position;
  const info = set.enter(tags.sequence);
  const der = set.bytes.subarray(start, set.position);
  const version = info.smallInteger();
  const byKey = info.tag === context(0);
  // RFC 5652 5.3.
  if (version !== (byKey ? 3 : 1)) throw new PkiError("MALFORMED", "version of the SignerInfo");
  const signer = byKey ? { keyIdentifier: info.content(context(0)) } : readIssuerAndSerial(info);
  const digestAlgorithm = readDigestAlgorithm(info);
  if (info.tag !== contextConstructed(0)) throw new PkiError("PROFILE", "a signer without signed attributes");
  const attributesStart = info.position;
  const attributesReader = info.enter(contextConstructed(0));
  const signed = Buffer.from(info.bytes.subarray(attributesStart, info.position));
  signed[0] = tags.set;
  const signedAttributes = readAttributes(attributesReader);
  const signatureAlgorithm = readMessageSignatureAlgorithm(info, digestAlgorithm);
  const signature = info.content(tags.octetString);
  const unsignedAttributes: Attributes =
    info.tag === contextConstructed(1) ? readAttributes(info.enter(contextConstructed(1))) : new Map();
  info.finish();
  return {
    der,
    signer,
    digestAlgorithm,
    signed,
    signedAttributes,
    signatureAlgorithm,
    signature,
    unsignedAttributes,
  };
}

function readIssuerAndSerial(info: DerReader): { issuer: Name; serialNumber: Buffer } {
  const issuerAndSerial = info.enter(tags.sequence);
  const issuer = readName(issuerAndSerial);
  const serialNumber = issuerAndSerial.integer();
  issuerAndSerial.finish();
  return { issuer, serialNumber };
}
