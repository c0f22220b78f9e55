import type { KeyObject } from "node:crypto";
import { isSameAlgorithm, readSignatureAlgorithm, type SignatureAlgorithm } from "./algorithm.ts";
import { DerReader } from "./der/reader.ts";
import { context, contextConstructed, tags } from "./der/tags.ts";
import { type Extensions, readExtensions } from "./extensions.ts";
import { type Name, readName } from "./name.ts";
import { PkiError } from "./pki-error.ts";
import { PublicKey, type PublicKeyInfo, readPublicKeyInfo } from "./public-key.ts";
import { verifyStructure } from "./structure-signature.ts";

/** Certificates of more octets are refused. */
const maxOctets = 128 * 1024;

type Parts = {
  der: Buffer;
  tbs: Buffer;
  serialNumber: Buffer;
  signatureAlgorithm: SignatureAlgorithm;
  signature: Buffer;
  issuer: Name;
  subject: Name;
  notBefore: number;
  notAfter: number;
  publicKeyInfo: PublicKeyInfo;
  extensions: Extensions;
};

/** An X.509 version 3 certificate as it was received. Nothing in it is verified until a path is. */
export class Certificate {
  readonly der: Buffer;
  /** The signed part. */
  readonly tbs: Buffer;
  /** The content octets of the serial number. */
  readonly serialNumber: Buffer;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Buffer;
  readonly issuer: Name;
  readonly subject: Name;
  readonly publicKeyInfo: PublicKeyInfo;
  readonly extensions: Extensions;
  readonly #notBefore: number;
  readonly #notAfter: number;
  #verificationKey: PublicKey | undefined;
  #selfSigned: boolean | undefined;

  constructor(parts: Parts) {
    this.der = parts.der;
    this.tbs = parts.tbs;
    this.serialNumber = parts.serialNumber;
    this.signatureAlgorithm = parts.signatureAlgorithm;
    this.signature = parts.signature;
    this.issuer = parts.issuer;
    this.subject = parts.subject;
    this.publicKeyInfo = parts.publicKeyInfo;
    this.extensions = parts.extensions;
    this.#notBefore = parts.notBefore;
    this.#notAfter = parts.notAfter;
  }

  /** Lower-case hex of the number, two digits an octet, without a sign octet: `01`, `ff`, `0132c4ab`. */
  get serial(): string {
    return serialText(this.serialNumber);
  }

  get notBefore(): Date {
    return new Date(this.#notBefore);
  }

  /** The last second in which the certificate is valid. */
  get notAfter(): Date {
    return new Date(this.#notAfter);
  }

  /** Checked at first use. Throws `WEAK_ALGORITHM`, `UNSUPPORTED` or `MALFORMED`. */
  get verificationKey(): PublicKey {
    this.#verificationKey ??= new PublicKey(this.publicKeyInfo);
    return this.#verificationKey;
  }

  /** For `node:crypto`; imported at first use. Throws as `verificationKey`. */
  get publicKey(): KeyObject {
    return this.verificationKey.keyObject;
  }

  /** Lower-case hex. */
  get subjectKeyIdentifier(): string | undefined {
    return this.extensions.subjectKeyIdentifier?.toString("hex");
  }

  /** Lower-case hex of the key identifier. */
  get authorityKeyIdentifier(): string | undefined {
    return this.extensions.authorityKeyIdentifier?.keyIdentifier?.toString("hex");
  }

  /** Dotted identifiers of the certificate policies. */
  get policies(): readonly string[] {
    return this.extensions.certificatePolicies ?? [];
  }

  /** Issuer and subject are the same name (RFC 5280 3.2); that it signed itself is not said. */
  get isSelfIssued(): boolean {
    return this.issuer.equals(this.subject);
  }

  /** Issuer and subject are the same and the signature is by its own key. Computed once. */
  get isSelfSigned(): boolean {
    this.#selfSigned ??= this.isSelfIssued && this.#verifiesItself();
    return this.#selfSigned;
  }

  #verifiesItself(): boolean {
    try {
      this.verifySignedBy(this);
      return true;
    } catch (error) {
      if (error instanceof PkiError) return false;
      throw error;
    }
  }

  /** Names chain, and the key identifier that this certificate names, where both are there, is the issuer's. */
  namesAsIssuer(issuer: Certificate): boolean {
    if (!this.issuer.equals(issuer.subject)) return false;
    const named = this.extensions.authorityKeyIdentifier?.keyIdentifier;
    const own = issuer.extensions.subjectKeyIdentifier;
    return named === undefined || own === undefined || named.equals(own);
  }

  /** Throws `NOT_YET_VALID` or `EXPIRED`. Fractions of a second do not count (RFC 5280 4.1.2.5). */
  verifyValidAt(time: Date): void {
    const seconds = Math.floor(time.getTime() / 1000) * 1000;
    if (!(seconds >= this.#notBefore))
      throw new PkiError("NOT_YET_VALID", `not valid before ${this.notBefore.toISOString()}`);
    if (!(seconds <= this.#notAfter)) throw new PkiError("EXPIRED", `not valid after ${this.notAfter.toISOString()}`);
  }

  /** The signature only: neither names nor the right of `issuer` to issue are checked. */
  verifySignedBy(issuer: Certificate): void {
    verifyStructure(issuer, this.signatureAlgorithm, this.tbs, this.signature);
  }
}

/**
 * Parses one DER certificate (RFC 5280 4.1) and every extension this package knows. Nothing is verified.
 * Throws `PkiError`: `MALFORMED`, `UNSUPPORTED` (not version 3) or `TOO_COMPLEX`.
 */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > maxOctets) throw new PkiError("TOO_COMPLEX", `a certificate of more than ${maxOctets} octets`);
  // A copy: what was verified must not change afterwards under the caller's hands.
  const bytes = Buffer.from(der);
  const outer = new DerReader(bytes);
  const certificate = outer.enter(tags.sequence);
  outer.finish();
  const tbsStart = certificate.position;
  const tbs = certificate.enter(tags.sequence);
  const tbsBytes = bytes.subarray(tbsStart, certificate.position);
  const signatureAlgorithm = readSignatureAlgorithm(certificate);
  const signature = certificate.octetsOfBitString();
  certificate.finish();

  const version = tbs.tag === contextConstructed(0) ? readVersion(tbs) : 1;
  if (version !== 3) throw new PkiError("UNSUPPORTED", `certificate version ${version}`);
  const serialNumber = readSerial(tbs);
  if (!isSameAlgorithm(readSignatureAlgorithm(tbs), signatureAlgorithm)) {
    throw new PkiError("MALFORMED", "signature algorithm differs inside and outside");
  }
  const issuer = readName(tbs);
  const validity = tbs.enter(tags.sequence);
  const notBefore = validity.time();
  const notAfter = validity.time();
  validity.finish();
  const subject = readName(tbs);
  const publicKeyInfo = readPublicKeyInfo(tbs);
  for (const uniqueId of [context(1), context(2)]) if (tbs.tag === uniqueId) tbs.skip();
  const extensions = readExtensions(tbs);
  tbs.finish();
  return new Certificate({
    der: bytes,
    tbs: tbsBytes,
    serialNumber,
    signatureAlgorithm,
    signature,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKeyInfo,
    extensions,
  });
}

function readVersion(tbs: DerReader): number {
  const explicit = tbs.enter(contextConstructed(0));
  const version = explicit.smallInteger() + 1;
  explicit.finish();
  if (version === 1) throw new PkiError("MALFORMED", "a default value is written out");
  return version;
}

/** RFC 5280 4.1.2.2: at most 20 octets. Zero and negative numbers are read, as relying parties must. */
function readSerial(reader: DerReader): Buffer {
  const content = reader.integer();
  if (content.length > 20) throw new PkiError("PROFILE", "serial number longer than 20 octets");
  return content;
}

function serialText(content: Buffer): string {
  if (content[0]! < 0x80) return content.toString("hex", content[0] === 0 && content.length > 1 ? 1 : 0);
  const digits = (-BigInt.asIntN(content.length * 8, BigInt(`0x${content.toString("hex")}`))).toString(16);
  return `-${digits.padStart(digits.length + (digits.length % 2), "0")}`;
}
