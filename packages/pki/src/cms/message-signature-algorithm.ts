import type { Certificate } from "../certificate.ts";
import type { DerReader } from "../der/reader.ts";
import { contextConstructed, tags } from "../der/tags.ts";
import { explicit, integer, nullValue, objectIdentifier, sequence } from "../der/writer.ts";
import { PkiError } from "../pki-error.ts";
import type { HashName } from "../rsa-signature.ts";
import type { MessageAlgorithm } from "../signature.ts";
import { readDigestAlgorithm } from "./digest-algorithm.ts";
import { digestOids } from "./oids.ts";

const oids = {
  rsaEncryption: "1.2.840.113549.1.1.1",
  mgf1: "1.2.840.113549.1.1.8",
  pss: "1.2.840.113549.1.1.10",
} as const;

const sha256Identifier = sequence(objectIdentifier(digestOids.sha256), nullValue());

/** RFC 4055 3.1: hash and mask of SHA-256, a salt of 32 octets. */
const pssParameters = sequence(
  explicit(0, sha256Identifier),
  explicit(1, sequence(objectIdentifier(oids.mgf1), sha256Identifier)),
  explicit(2, integer(Buffer.of(32))),
);

/** The hash, and the AlgorithmIdentifier of the signature, of what this package makes. */
export const messageSignatures = {
  RS256: { hash: "sha256", identifier: sequence(objectIdentifier("1.2.840.113549.1.1.11"), nullValue()) },
  PS256: { hash: "sha256", identifier: sequence(objectIdentifier(oids.pss), pssParameters) },
  ES256: { hash: "sha256", identifier: sequence(objectIdentifier("1.2.840.10045.4.3.2")) },
  ES384: { hash: "sha384", identifier: sequence(objectIdentifier("1.2.840.10045.4.3.3")) },
} as const satisfies Record<MessageAlgorithm, { hash: HashName; identifier: Buffer }>;

export type MessageSignatureAlgorithm = { readonly scheme: "pkcs1" | "pss" | "ecdsa"; readonly hash: HashName };

const named: Readonly<Record<string, MessageSignatureAlgorithm>> = {
  "1.2.840.113549.1.1.11": { scheme: "pkcs1", hash: "sha256" },
  "1.2.840.113549.1.1.12": { scheme: "pkcs1", hash: "sha384" },
  "1.2.840.113549.1.1.13": { scheme: "pkcs1", hash: "sha512" },
  "1.2.840.10045.4.3.2": { scheme: "ecdsa", hash: "sha256" },
  "1.2.840.10045.4.3.3": { scheme: "ecdsa", hash: "sha384" },
  "1.2.840.10045.4.3.4": { scheme: "ecdsa", hash: "sha512" },
};

/**
 * Reads the signatureAlgorithm of a SignerInfo. `digest` is the signer's digestAlgorithm: it stands for the hash where the
 * identifier is that of the RSA key alone (RFC 3370 3.2), and must be the same where the identifier names one
 * (RFC 5754 3). Throws `MALFORMED`, `UNSUPPORTED` or `WEAK_ALGORITHM`.
 */
export function readMessageSignatureAlgorithm(reader: DerReader, digest: HashName): MessageSignatureAlgorithm {
  const identifier = reader.enter(tags.sequence);
  const oid = identifier.oid();
  const algorithm: MessageSignatureAlgorithm | undefined =
    oid === oids.pss
      ? { scheme: "pss", hash: readPssHash(identifier) }
      : oid === oids.rsaEncryption
        ? { scheme: "pkcs1", hash: digest }
        : named[oid];
  if (algorithm === undefined) throw new PkiError("UNSUPPORTED", `signature algorithm ${oid}`);
  if (algorithm.scheme === "pkcs1" && !identifier.done && identifier.content(tags.null).length !== 0) {
    throw new PkiError("MALFORMED", "NULL with content");
  }
  identifier.finish();
  if (algorithm.hash !== digest) throw new PkiError("MALFORMED", "the signature is over another hash than the digest");
  return algorithm;
}

/** RSASSA-PSS-params with one hash for all and a salt of its length; the defaults are SHA-1 and refused. */
function readPssHash(identifier: DerReader): HashName {
  const weak = new PkiError("WEAK_ALGORITHM", "RSASSA-PSS with its default of SHA-1");
  if (identifier.done) throw weak;
  const parameters = identifier.enter(tags.sequence);
  if (parameters.tag !== contextConstructed(0)) throw weak;
  const hashField = parameters.enter(contextConstructed(0));
  const hash = readDigestAlgorithm(hashField);
  hashField.finish();
  if (parameters.tag !== contextConstructed(1)) throw weak;
  const maskField = parameters.enter(contextConstructed(1));
  const mask = maskField.enter(tags.sequence);
  maskField.finish();
  if (mask.oid() !== oids.mgf1) throw new PkiError("UNSUPPORTED", "a mask other than MGF1");
  const maskHash = readDigestAlgorithm(mask);
  mask.finish();
  const saltField = parameters.enter(contextConstructed(2));
  const salt = saltField.smallInteger();
  saltField.finish();
  parameters.finish();
  if (maskHash !== hash || salt * 8 !== Number(hash.slice(3))) {
    throw new PkiError("UNSUPPORTED", "RSASSA-PSS with other parameters than one hash and a salt of its length");
  }
  return hash;
}

/** Throws `SIGNATURE_INVALID`, or what is wrong with the key. Whether the certificate may sign is not checked. */
export function verifyMessageSignature(
  { verificationKey }: Certificate,
  { scheme, hash }: MessageSignatureAlgorithm,
  signed: Uint8Array,
  signature: Uint8Array,
): void {
  const matches =
    scheme === "pss"
      ? verificationKey.matchesPss(hash, signed, signature)
      : verificationKey.type === (scheme === "ecdsa" ? "ec" : "rsa") &&
        verificationKey.matches(hash, signed, signature);
  if (!matches) throw new PkiError("SIGNATURE_INVALID", "signature does not match");
}
