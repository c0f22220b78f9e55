import { hash } from "node:crypto";
import { type Certificate, parseCertificate } from "../certificate.ts";
import { contextConstructed } from "../der/tags.ts";
import {
  element,
  explicit,
  integer,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  time,
} from "../der/writer.ts";
import { type MessageAlgorithm, verifySignature } from "../signature.ts";

const oids = {
  data: "1.2.840.113549.1.7.1",
  signedData: "1.2.840.113549.1.7.2",
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  signingTime: "1.2.840.113549.1.9.5",
  signingCertificateV2: "1.2.840.113549.1.9.16.2.47",
} as const;

const algorithms = {
  RS256: { hash: "sha256", digest: "2.16.840.1.101.3.4.2.1", signature: ["1.2.840.113549.1.1.11", nullValue()] },
  ES256: { hash: "sha256", digest: "2.16.840.1.101.3.4.2.1", signature: ["1.2.840.10045.4.3.2"] },
  ES384: { hash: "sha384", digest: "2.16.840.1.101.3.4.2.2", signature: ["1.2.840.10045.4.3.3"] },
} as const satisfies Record<MessageAlgorithm, object>;

export type SignedDataInput = {
  content: Uint8Array;
  /** Whether the content goes into the result, or stays a file of its own beside it. */
  detached: boolean;
  /** DER of the signer's certificate. */
  certificate: Uint8Array;
  /** DER of further certificates to put in: those above the signer's, for a reader who has only the root. */
  furtherCertificates?: readonly Uint8Array[];
  algorithm: MessageAlgorithm;
  /** Signs the bytes that it is given: a card, or a key. ECDSA as DER. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
  /** What the signer says the time is. */
  signingTime: Date;
};

/**
 * A CMS signature (RFC 5652 section 5) with one signer, in DER. Signed with the content: its type and digest, the time, and
 * which certificate it was (signing-certificate-v2, RFC 5035), as the basic form of CAdES wants it (ETSI EN 319 122-1).
 * What was signed is verified against the certificate's key before it is given out; throws `PkiError`, `SIGNATURE_INVALID`
 * when it does not fit. Whether the certificate is trusted or valid is not checked.
 */
export async function buildSignedData(input: SignedDataInput): Promise<Uint8Array> {
  const certificate = parseCertificate(input.certificate);
  const algorithm = algorithms[input.algorithm];
  const attributes = signedAttributes(input, certificate);
  const signature = await input.sign(attributes);
  verifySignature({ certificate, algorithm: input.algorithm, data: attributes, signature });
  const digestAlgorithm = sequence(objectIdentifier(algorithm.digest));
  const [signatureOid, ...parameters] = algorithm.signature;
  const certificates = [certificate.der, ...(input.furtherCertificates ?? []).map((der) => parseCertificate(der).der)];
  const signerInfo = sequence(
    version1,
    sequence(certificate.issuer.der, integer(certificate.serialNumber)),
    digestAlgorithm,
    // Section 5.4: what is signed has the tag of a SET, what is sent the tag [0].
    retagged(attributes),
    sequence(objectIdentifier(signatureOid), ...parameters),
    octetString(signature),
  );
  const content = input.detached ? [] : [explicit(0, octetString(input.content))];
  return sequence(
    objectIdentifier(oids.signedData),
    explicit(
      0,
      sequence(
        version1,
        setOf(digestAlgorithm),
        sequence(objectIdentifier(oids.data), ...content),
        element(contextConstructed(0), ...[...certificates].sort(Buffer.compare)),
        setOf(signerInfo),
      ),
    ),
  );
}

const version1 = integer(Buffer.of(1));

function signedAttributes({ content, algorithm, signingTime }: SignedDataInput, certificate: Certificate): Buffer {
  const { hash: name, digest } = algorithms[algorithm];
  const hashAlgorithm = name === "sha256" ? [] : [sequence(objectIdentifier(digest))];
  const issuerSerial = sequence(
    sequence(element(contextConstructed(4), certificate.issuer.der)),
    integer(certificate.serialNumber),
  );
  const certificateId = sequence(...hashAlgorithm, octetString(hash(name, certificate.der, "buffer")), issuerSerial);
  return setOf(
    attribute(oids.contentType, objectIdentifier(oids.data)),
    attribute(oids.signingTime, time(signingTime)),
    attribute(oids.messageDigest, octetString(hash(name, content, "buffer"))),
    attribute(oids.signingCertificateV2, sequence(sequence(certificateId))),
  );
}

function attribute(type: string, value: Buffer): Buffer {
  return sequence(objectIdentifier(type), setOf(value));
}

function retagged(set: Buffer): Buffer {
  const copy = Buffer.from(set);
  copy[0] = contextConstructed(0);
  return copy;
}
