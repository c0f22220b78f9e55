import { hash as digest } from "node:crypto";
import { parseCertificate } from "../certificate.ts";
import { contextConstructed } from "../der/tags.ts";
import { element, explicit, integer, objectIdentifier, octetString, sequence, setOf, time } from "../der/writer.ts";
import { PkiError } from "../pki-error.ts";
import type { HashName } from "../rsa-signature.ts";
import { type MessageAlgorithm, verifyDigestSignature, verifySignature } from "../signature.ts";
import { attribute } from "./attributes.ts";
import { messageSignatures } from "./message-signature-algorithm.ts";
import { cmsOids, digestOids } from "./oids.ts";
import { parseSignedData } from "./parse-signed-data.ts";
import { signingCertificateV2 } from "./signing-certificate.ts";

/** Answers a time-stamp token (RFC 3161) over a SHA-256 digest. */
export type TimestampSource = (digest: Uint8Array) => Promise<Uint8Array>;

export type SignerInput = {
  /** DER of the signer's certificate. */
  certificate: Uint8Array;
  /** DER of further certificates to put in: those above the signer's, for a reader who has only the root. */
  furtherCertificates?: readonly Uint8Array[];
  algorithm: MessageAlgorithm;
  /** Signs the bytes that it is given: a card, or a key. ECDSA as DER. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
  /** What the signer says the time is. PAdES has it elsewhere. */
  signingTime?: Date;
  /** Puts a time stamp over the signature beside it (CAdES-T). */
  timestamp?: TimestampSource;
  /** What is signed beside what every signature has. */
  furtherAttributes?: readonly SignedAttribute[];
};

/** An attribute with one value, in DER. */
export type SignedAttribute = { type: string; value: Uint8Array };

export type SignedDataInput = SignerInput & {
  /** The content, or of a detached signature a function that hashes it. */
  content: Uint8Array | ((hash: HashName) => Buffer);
  /** Whether the content goes into the result, or stays a file of its own beside it. */
  detached: boolean;
  /** Data by default. */
  contentType?: string;
  /** Leaves all certificates out, for a reader who has them. */
  withoutCertificates?: boolean;
};

type Parts = {
  contentType: string;
  /** Absent when detached. */
  content: Uint8Array | undefined;
  digestAlgorithms: readonly Buffer[];
  certificates: readonly Buffer[];
  signers: readonly Buffer[];
};

/**
 * A CMS signature (RFC 5652 section 5) with one signer, in DER. Signed with the content: its type and digest, the time, and
 * which certificate it was (signing-certificate-v2, RFC 5035), as the basic form of CAdES wants it (ETSI EN 319 122-1).
 * What was signed is verified against the certificate's key before it is given out; throws `PkiError`, `SIGNATURE_INVALID`
 * when it does not fit. Whether the certificate is trusted or valid, and what the time stamp says, is not checked.
 */
export async function buildSignedData(input: SignedDataInput): Promise<Uint8Array> {
  const { content, detached, contentType = cmsOids.data } = input;
  if (typeof content === "function" && !detached) throw new TypeError("an attached signature needs the content itself");
  const { signer, digestAlgorithm, certificates } = await buildSigner(input, contentType, content);
  return assemble({
    contentType,
    content: detached || typeof content === "function" ? undefined : content,
    digestAlgorithms: [digestAlgorithm],
    certificates: input.withoutCertificates ? [] : certificates,
    signers: [signer],
  });
}

/**
 * The same signature with one more signer, who signs the same content beside the others. `content` is what a detached
 * signature is over. Throws `PkiError`; the signers that are there already are not verified.
 */
export async function addSigner(
  signed: Uint8Array,
  input: SignerInput & { content?: Uint8Array },
): Promise<Uint8Array> {
  const existing = parseSignedData(signed);
  const content = existing.content ?? input.content;
  if (content === undefined) throw new PkiError("PROFILE", "a detached signature without content");
  const { signer, digestAlgorithm, certificates } = await buildSigner(input, existing.contentType, content);
  return assemble({
    contentType: existing.contentType,
    content: existing.content,
    digestAlgorithms: distinct([...existing.digestAlgorithms, digestAlgorithm]),
    certificates: distinct([...existing.certificates.map(({ der }) => der), ...certificates]),
    signers: [...existing.signers.map(({ der }) => der), signer],
  });
}

/**
 * The octets that a signer signs (RFC 5652 section 5.4): for a key that is elsewhere, whose signature `buildSignedData` is
 * given afterwards. The same input gives the same octets.
 */
export function signedAttributes({
  content,
  contentType = cmsOids.data,
  furtherAttributes = [],
  ...input
}: Pick<
  SignedDataInput,
  "certificate" | "algorithm" | "signingTime" | "furtherAttributes" | "content" | "contentType"
>): Buffer {
  const certificate = parseCertificate(input.certificate);
  const { hash } = messageSignatures[input.algorithm];
  const contentDigest = typeof content === "function" ? content(hash) : digest(hash, content, "buffer");
  return setOf(
    attribute(cmsOids.contentType, objectIdentifier(contentType)),
    ...(input.signingTime ? [attribute(cmsOids.signingTime, time(input.signingTime))] : []),
    attribute(cmsOids.messageDigest, octetString(contentDigest)),
    attribute(cmsOids.signingCertificateV2, signingCertificateV2(certificate, hash)),
    ...furtherAttributes.map(({ type, value }) => attribute(type, value)),
  );
}

export type WrappedSignature = {
  /** DER of the signer's certificate. */
  certificate: Uint8Array;
  /** As in `SignerInput`. */
  furtherCertificates?: readonly Uint8Array[];
  /** SHA-256 of the content, which stays beside the result. */
  digest: Uint8Array;
  /** RSASSA-PKCS1-v1_5 over it. */
  signature: Uint8Array;
};

/**
 * A signature that was made over the content itself, as a detached CMS signature without signed attributes (RFC 5652
 * section 5.4, for content of type data): the same octets serve as both. Neither time nor certificate is signed with it.
 * Throws `PkiError("SIGNATURE_INVALID")` when the signature does not fit; trust and validity are not checked.
 */
export function wrapSignature(input: WrappedSignature): Uint8Array {
  const certificate = parseCertificate(input.certificate);
  verifyDigestSignature({ certificate, digest: input.digest, signature: input.signature });
  const { hash, identifier } = messageSignatures.RS256;
  const digestAlgorithm = sequence(objectIdentifier(digestOids[hash]));
  const further = (input.furtherCertificates ?? []).map((der) => parseCertificate(der).der);
  const signer = sequence(
    version1,
    sequence(certificate.issuer.der, integer(certificate.serialNumber)),
    digestAlgorithm,
    identifier,
    octetString(input.signature),
  );
  return assemble({
    contentType: cmsOids.data,
    content: undefined,
    digestAlgorithms: [digestAlgorithm],
    certificates: distinct([certificate.der, ...further]),
    signers: [signer],
  });
}

async function buildSigner(
  input: SignerInput,
  contentType: string,
  content: SignedDataInput["content"],
): Promise<{ signer: Buffer; digestAlgorithm: Buffer; certificates: readonly Buffer[] }> {
  const certificate = parseCertificate(input.certificate);
  const { hash, identifier } = messageSignatures[input.algorithm];
  const further = (input.furtherCertificates ?? []).map((der) => parseCertificate(der).der);
  const attributes = signedAttributes({ ...input, contentType, content });
  const signature = await input.sign(attributes);
  verifySignature({ certificate, algorithm: input.algorithm, data: attributes, signature });
  const token = await input.timestamp?.(digest("sha256", signature, "buffer"));
  const digestAlgorithm = sequence(objectIdentifier(digestOids[hash]));
  const signer = sequence(
    version1,
    sequence(certificate.issuer.der, integer(certificate.serialNumber)),
    digestAlgorithm,
    // Section 5.4: what is signed has the tag of a SET, what is sent the tag [0].
    retagged(attributes),
    identifier,
    octetString(signature),
    ...(token ? [element(contextConstructed(1), attribute(cmsOids.signatureTimestamp, token))] : []),
  );
  return { signer, digestAlgorithm, certificates: distinct([certificate.der, ...further]) };
}

function assemble({ contentType, content, digestAlgorithms, certificates, signers }: Parts): Buffer {
  // Section 5.1: version 3 says that the content is no plain data.
  const version = contentType === cmsOids.data ? version1 : integer(Buffer.of(3));
  const encapsulated = content === undefined ? [] : [explicit(0, octetString(content))];
  const signedData = sequence(
    version,
    setOf(...digestAlgorithms),
    sequence(objectIdentifier(contentType), ...encapsulated),
    ...(certificates.length === 0 ? [] : [element(contextConstructed(0), ...[...certificates].sort(Buffer.compare))]),
    setOf(...signers),
  );
  return sequence(objectIdentifier(cmsOids.signedData), explicit(0, signedData));
}

const version1 = integer(Buffer.of(1));

function distinct(elements: readonly Buffer[]): Buffer[] {
  return elements.filter((one, at) => elements.findIndex((other) => other.equals(one)) === at);
}

function retagged(set: Buffer): Buffer {
  const copy = Buffer.from(set);
  copy[0] = contextConstructed(0);
  return copy;
}
