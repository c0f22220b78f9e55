import { hash as digest, type KeyObject, sign } from "node:crypto";
import type { Certificate } from "../certificate.ts";
import { attribute } from "../cms/attributes.ts";
import { messageSignatures } from "../cms/message-signature-algorithm.ts";
import { cmsOids, digestOids } from "../cms/oids.ts";
import { signingCertificateV2 } from "../cms/signing-certificate.ts";
import { contextConstructed, tags } from "../der/tags.ts";
import { element, explicit, integer, objectIdentifier, octetString, sequence, setOf } from "../der/writer.ts";

export type RawSigner = {
  certificate: Certificate;
  /** A key on P-256. */
  key: KeyObject;
  content: Uint8Array;
  contentType?: string;
  /** Instead of the right attribute another one, or none. */
  contentTypeAttribute?: Buffer | null;
  messageDigest?: Buffer | null;
  signingCertificate?: Buffer | null;
  further?: readonly Buffer[];
  /** In the order given, not in that of DER. */
  unsorted?: boolean;
  /** Signed under the tag [0] that is sent instead of that of a SET. */
  signedAsSent?: boolean;
  unsigned?: readonly Buffer[];
  /** AlgorithmIdentifier of the signature. */
  identifier?: Buffer;
  version?: number;
  withoutAttributes?: boolean;
};

export type RawSignedData = {
  signers: readonly RawSigner[];
  detached?: boolean;
  certificates?: readonly Buffer[];
};

/** A CMS signature with whatever is wrong with it that a test wants. */
export function rawSignedData({ signers, detached, certificates }: RawSignedData): Buffer {
  const [first] = signers as [RawSigner, ...RawSigner[]];
  const contentType = first.contentType ?? cmsOids.data;
  const all = certificates ?? signers.map(({ certificate }) => certificate.der);
  return sequence(
    objectIdentifier(cmsOids.signedData),
    explicit(
      0,
      sequence(
        integer(Buffer.of(contentType === cmsOids.data ? 1 : 3)),
        setOf(sha256),
        sequence(objectIdentifier(contentType), ...(detached ? [] : [explicit(0, octetString(first.content))])),
        ...(all.length === 0 ? [] : [element(contextConstructed(0), ...all)]),
        setOf(...signers.map(rawSignerInfo)),
      ),
    ),
  );
}

const sha256 = sequence(objectIdentifier(digestOids.sha256));

function rawSignerInfo(signer: RawSigner): Buffer {
  const { certificate, key, content, contentType = cmsOids.data } = signer;
  const choose = (type: string, given: Buffer | null | undefined, right: Buffer): Buffer[] =>
    given === null ? [] : [given ?? attribute(type, right)];
  const attributes = [
    ...choose(cmsOids.contentType, signer.contentTypeAttribute, objectIdentifier(contentType)),
    ...choose(cmsOids.messageDigest, signer.messageDigest, octetString(digest("sha256", content, "buffer"))),
    ...choose(cmsOids.signingCertificateV2, signer.signingCertificate, signingCertificateV2(certificate, "sha256")),
    ...(signer.further ?? []),
  ];
  const set = signer.unsorted ? element(tags.set, ...attributes) : setOf(...attributes);
  const sent = Buffer.from(set);
  sent[0] = contextConstructed(0);
  const signed = signer.withoutAttributes ? content : signer.signedAsSent ? sent : set;
  return sequence(
    integer(Buffer.of(signer.version ?? 1)),
    sequence(certificate.issuer.der, integer(certificate.serialNumber)),
    sha256,
    ...(signer.withoutAttributes ? [] : [sent]),
    signer.identifier ?? messageSignatures.ES256.identifier,
    octetString(sign("sha256", signed, key)),
    ...(signer.unsigned ? [element(contextConstructed(1), ...signer.unsigned)] : []),
  );
}
