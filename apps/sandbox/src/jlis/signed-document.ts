import { verify, X509Certificate } from "node:crypto";
import { z } from "zod";
import { parseSerial } from "../ca/certificate.ts";
import { type Kind, kinds } from "../ca/kind.ts";
import { SandboxError } from "../error.ts";
import { findCertificate, type IssuedCertificate } from "../store/certificates.ts";
import type { Database } from "../store/database.ts";
import type { Times } from "./verifier-token.ts";

const base64url = (octets: number) =>
  z
    .string()
    .max(Math.ceil((octets * 4) / 3))
    .regex(/^[\w-]+$/);

/** A document that somebody signed with a key of their card or phone; all three in base64url. */
export const SignedDocument = z.strictObject({
  /** Canonical JSON (RFC 8785). */
  document: base64url(3072),
  /** RSASSA-PKCS1-v1_5 with SHA-256. */
  signature: base64url(512),
  /** DER. */
  certificate: base64url(6144),
});
export type SignedDocument = z.infer<typeof SignedDocument>;

/** Seconds that the signer's clock may be ahead of ours. */
const tolerance = 15 * 60;

export type Verified<Content> = {
  content: Content;
  personId: string;
  bytes: { document: Buffer; signature: Buffer; certificate: Buffer };
};

/**
 * What a resident signed, with whose it is. The authority looks the certificate up in its own register: one that it did not
 * issue, byte for byte, is unknown. Throws CERTIFICATE_UNKNOWN, CERTIFICATE_WRONG_KIND, CERTIFICATE_REVOKED,
 * CERTIFICATE_EXPIRED, SIGNATURE_INVALID, DOCUMENT_MALFORMED and, by the `time` in the document (seconds since 1970),
 * DOCUMENT_STALE.
 */
export function verifySignedDocument<Content extends { time: number }>(
  database: Database,
  signed: SignedDocument,
  expected: { shape: z.ZodType<Content>; kind: Kind; times: Times; maxAge: number },
): Verified<Content> {
  const bytes = {
    document: Buffer.from(signed.document, "base64url"),
    signature: Buffer.from(signed.signature, "base64url"),
    certificate: Buffer.from(signed.certificate, "base64url"),
  };
  const { kind, times, shape, maxAge } = expected;
  const { personId } = requireGood(findIssued(database, bytes.certificate, kind), times.now);
  const { publicKey } = new X509Certificate(bytes.certificate);
  if (!verify("sha256", bytes.document, publicKey, bytes.signature)) {
    throw new SandboxError("SIGNATURE_INVALID", "the signature is not by the certificate's key over this document");
  }
  const content = parseCanonical(bytes.document, shape);
  const age = times.realNow.getTime() / 1000 - content.time;
  if (age > maxAge || age < -tolerance) {
    throw new SandboxError("DOCUMENT_STALE", `a document is taken for ${maxAge} seconds after it was signed`);
  }
  return { content, personId, bytes };
}

function findIssued(database: Database, der: Buffer, wanted: Kind): IssuedCertificate {
  const serial = serialOf(der);
  for (const kind of kinds) {
    const certificate = serial === undefined ? undefined : findCertificate(database, kind, serial);
    if (!certificate?.der || !der.equals(certificate.der)) continue;
    if (kind === wanted) return certificate;
    throw new SandboxError("CERTIFICATE_WRONG_KIND", `a signature by the ${wanted} certificate is needed`);
  }
  throw new SandboxError("CERTIFICATE_UNKNOWN", "the certificate is none that was issued here");
}

function serialOf(der: Buffer): number | undefined {
  try {
    return parseSerial(new X509Certificate(der).serialNumber);
  } catch {
    return undefined;
  }
}

function requireGood({ personId, revocation, notAfter }: IssuedCertificate, now: Date): { personId: string } {
  if (personId === null) throw new SandboxError("CERTIFICATE_UNKNOWN", "the certificate is no resident's");
  if (revocation) throw new SandboxError("CERTIFICATE_REVOKED", revocation.reason);
  if (now > notAfter) throw new SandboxError("CERTIFICATE_EXPIRED", "the certificate has expired");
  return { personId };
}

function parseCanonical<Content>(bytes: Buffer, shape: z.ZodType<Content>): Content {
  try {
    const content: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    // One document has one form, so that nobody reads it otherwise than its signer was shown.
    if (canonicalText(content) !== bytes.toString("utf8")) throw new SyntaxError("not canonical");
    return shape.parse(content);
  } catch (cause) {
    throw new SandboxError("DOCUMENT_MALFORMED", "the document is not canonical JSON of its form", { cause });
  }
}

/** RFC 8785 for what our documents hold. */
function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`).join()}}`;
}
