import { hash, type KeyObject, verify } from "node:crypto";
import { type Certificate, parseCertificate } from "./certificate.ts";
import { verifyCertificateProfile } from "./certificate-profile.ts";
import { DerReader } from "./der/reader.ts";
import { context, tags } from "./der/tags.ts";
import {
  bitString,
  boolean,
  element,
  explicit,
  integer,
  namedBits,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  time,
  unsignedInteger,
  utf8String,
} from "./der/writer.ts";
import { extensionIds } from "./extensions.ts";
import { PkiError } from "./pki-error.ts";
import { readPublicKeyInfo } from "./public-key.ts";
import { ecdsaWithSha256, type Signer } from "./signer.ts";

const subjectTypes = { C: "2.5.4.6", O: "2.5.4.10", OU: "2.5.4.11", CN: "2.5.4.3", serialNumber: "2.5.4.5" } as const;

/** Parts of a subject that are PrintableString by definition (RFC 5280 appendix A.1). */
const printable: ReadonlySet<string> = new Set(["C", "serialNumber"]);

export type SubjectAttribute = { readonly type: keyof typeof subjectTypes; readonly value: string };

/** What a certificate of our own CA shall say. */
export type CertificateProfile = {
  /** Up to 20 octets, unsigned; at least 8 of them random. */
  serialNumber: Uint8Array;
  /** The issuing CA's certificate, or `"self"` for a root. */
  issuer: Certificate | "self";
  subject: readonly SubjectAttribute[];
  notBefore: Date;
  /** The last valid second. */
  notAfter: Date;
  publicKey: KeyObject;
  /** Sum of `keyUsage` bits. */
  keyUsage: number;
  /** Present in a CA certificate. */
  ca?: { readonly pathLength?: number };
  policies?: readonly string[];
  /** Marks certificatePolicies critical. */
  policiesCritical?: boolean;
  extendedKeyUsage?: readonly string[];
  ocspUrl?: string;
  crlUrl?: string;
};

/**
 * Issues a certificate. Before anything is signed the finished contents are read and checked as a relying party would
 * (RFC 5280 section 4); the signature is checked afterwards. Throws `PkiError` when the profile makes no good
 * certificate. Neither draws nor remembers serial numbers, and does not ask whether the subject may have this certificate.
 */
export async function issueCertificate(profile: CertificateProfile, signer: Signer): Promise<Uint8Array> {
  const issuerKey = profile.issuer === "self" ? profile.publicKey : profile.issuer.publicKey;
  if (!signer.publicKey.equals(issuerKey)) throw new PkiError("PROFILE", "the signer does not hold the issuer's key");
  const tbs = buildTbs(profile, signer);
  verifyContents(tbs, profile);
  const signature = await signer.sign(tbs);
  const certificate = parseCertificate(sequence(tbs, ecdsaWithSha256, bitString(signature)));
  if (!verify("sha256", certificate.tbs, signer.publicKey, certificate.signature)) {
    throw new PkiError("SIGNATURE_INVALID", "signature does not match");
  }
  return certificate.der;
}

function buildTbs(profile: CertificateProfile, signer: Signer): Buffer {
  const { issuer } = profile;
  const spki = profile.publicKey.export({ format: "der", type: "spki" });
  const subject = sequence(...profile.subject.map(attribute));
  const subjectKeyIdentifier = keyIdentifier(spki);
  const authorityKeyIdentifier =
    issuer === "self"
      ? keyIdentifier(signer.publicKey.export({ format: "der", type: "spki" }))
      : issuer.extensions.subjectKeyIdentifier;
  if (authorityKeyIdentifier === undefined) throw new PkiError("PROFILE", "the issuer has no subject key identifier");
  return sequence(
    explicit(0, integer(Buffer.of(2))),
    unsignedInteger(profile.serialNumber),
    ecdsaWithSha256,
    issuer === "self" ? subject : issuer.subject.der,
    sequence(time(profile.notBefore), time(profile.notAfter)),
    subject,
    spki,
    explicit(3, sequence(...extensionsOf(profile, subjectKeyIdentifier, authorityKeyIdentifier))),
  );
}

function extensionsOf(profile: CertificateProfile, subjectKey: Buffer, authorityKey: Buffer): Buffer[] {
  const { ca, policies, extendedKeyUsage, ocspUrl, crlUrl } = profile;
  const pathLength = ca?.pathLength === undefined ? [] : [unsignedInteger(Buffer.of(ca.pathLength))];
  const extensions = [extension(extensionIds.keyUsage, true, namedBits(profile.keyUsage))];
  if (ca !== undefined) {
    extensions.push(extension(extensionIds.basicConstraints, true, sequence(boolean(true), ...pathLength)));
  }
  if (extendedKeyUsage !== undefined) {
    const purposes = sequence(...extendedKeyUsage.map(objectIdentifier));
    extensions.push(extension(extensionIds.extendedKeyUsage, false, purposes));
  }
  if (policies !== undefined) {
    const information = policies.map((policy) => sequence(objectIdentifier(policy)));
    const critical = profile.policiesCritical === true;
    extensions.push(extension(extensionIds.certificatePolicies, critical, sequence(...information)));
  }
  if (crlUrl !== undefined) {
    const point = sequence(element(0xa0, element(0xa0, uri(crlUrl))));
    extensions.push(extension(extensionIds.crlDistributionPoints, false, sequence(point)));
  }
  if (ocspUrl !== undefined) {
    const access = sequence(objectIdentifier("1.3.6.1.5.5.7.48.1"), uri(ocspUrl));
    extensions.push(extension(extensionIds.authorityInfoAccess, false, sequence(access)));
  }
  const authority = sequence(element(context(0), authorityKey));
  extensions.push(extension(extensionIds.authorityKeyIdentifier, false, authority));
  extensions.push(extension(extensionIds.subjectKeyIdentifier, false, octetString(subjectKey)));
  return extensions;
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(objectIdentifier(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

const uri = (text: string): Buffer => element(context(6), Buffer.from(text, "latin1"));

function attribute({ type, value }: SubjectAttribute): Buffer {
  const text = printable.has(type) ? element(tags.printableString, Buffer.from(value, "latin1")) : utf8String(value);
  return setOf(sequence(objectIdentifier(subjectTypes[type]), text));
}

/** RFC 7093 2 (1): the first 160 bits of SHA-256 over the key. */
function keyIdentifier(spki: Buffer): Buffer {
  return hash("sha256", readPublicKeyInfo(new DerReader(spki)).key, "buffer").subarray(0, 20);
}

/** Reads the contents under a signature of nothing, as the certificate that they will be. */
function verifyContents(tbs: Buffer, { issuer, notBefore, notAfter }: CertificateProfile): void {
  const draft = parseCertificate(sequence(tbs, ecdsaWithSha256, bitString(Buffer.alloc(0))));
  verifyCertificateProfile(draft);
  void draft.publicKey;
  if (!(notBefore <= notAfter)) throw new PkiError("PROFILE", "validity ends before it begins");
  if (draft.serial.startsWith("-") || /^0*$/.test(draft.serial)) throw new PkiError("PROFILE", "serial number zero");
  if (issuer === "self") return;
  if (issuer.extensions.basicConstraints?.ca !== true) throw new PkiError("NOT_A_CA", "the issuer is not a CA");
  if (notAfter > issuer.notAfter) throw new PkiError("PROFILE", "the certificate would outlive its issuer");
}
