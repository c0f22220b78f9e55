import type { Certificate } from "./certificate.ts";
import { context, contextConstructed, tags } from "./der/tags.ts";
import {
  bitString,
  element,
  explicit,
  generalizedTime,
  objectIdentifier,
  octetString,
  sequence,
} from "./der/writer.ts";
import { certIdHashes, issuerHashes, ocspNonceId } from "./ocsp-request.ts";
import { parseOcspResponse } from "./ocsp-response.ts";
import type { CertId, OcspRequest } from "./parse-ocsp-request.ts";
import { PkiError } from "./pki-error.ts";
import { type RevocationReason, reasonCode } from "./revocation-reason.ts";
import type { Signer } from "./signer.ts";

const ecdsaWithSha256 = sequence(objectIdentifier("1.2.840.10045.4.3.2"));

/** What a responder knows of one serial number. */
export type KnownStatus = "good" | "unknown" | { readonly at: Date; readonly reason: RevocationReason };

/** OCSPResponseStatus other than successful (RFC 6960 4.2.1). */
const failures = { malformedRequest: 1, internalError: 2, tryLater: 3, unauthorized: 6 } as const;

/** Whether an OCSP request asks about a certificate of this CA; `CertId`s with a hash other than SHA-1 and SHA-256 are of nobody. */
export function isIssuedBy({ hashAlgorithm, issuerNameHash, issuerKeyHash }: CertId, issuer: Certificate): boolean {
  if (!Object.hasOwn(certIdHashes, hashAlgorithm)) return false;
  const hashes = issuerHashes(certIdHashes[hashAlgorithm as keyof typeof certIdHashes], issuer);
  return issuerNameHash.equals(hashes.name) && issuerKeyHash.equals(hashes.key);
}

/**
 * Answers an OCSP request in the name of the CA itself (RFC 6960 4.2), nonce included. `statusOf` says what is known of
 * each; for certificates of other issuers it must be `unknown`. Throws `PkiError` when the signer does not hold the CA's key.
 */
export async function issueOcspResponse(
  { certificates, nonce }: OcspRequest,
  answer: { issuer: Certificate; statusOf: (of: CertId) => KnownStatus; thisUpdate: Date; nextUpdate: Date },
  signer: Signer,
): Promise<Uint8Array> {
  const { issuer, statusOf, thisUpdate, nextUpdate } = answer;
  if (!signer.publicKey.equals(issuer.publicKey))
    throw new PkiError("PROFILE", "the signer does not hold the CA's key");
  const answers = certificates.map((certId) =>
    sequence(
      certId.der,
      certStatus(statusOf(certId)),
      generalizedTime(thisUpdate),
      explicit(0, generalizedTime(nextUpdate)),
    ),
  );
  const tbs = sequence(
    element(contextConstructed(1), issuer.subject.der),
    generalizedTime(thisUpdate),
    sequence(...answers),
    ...(nonce === undefined ? [] : [explicit(1, sequence(nonceExtension(nonce)))]),
  );
  const signature = bitString(await signer.sign(tbs));
  const basic = sequence(tbs, ecdsaWithSha256, signature, explicit(0, sequence(issuer.der)));
  const response = sequence(
    element(tags.enumerated, Buffer.of(0)),
    explicit(0, sequence(objectIdentifier("1.3.6.1.5.5.7.48.1.1"), octetString(basic))),
  );
  parseOcspResponse(response);
  return response;
}

/** An answer that says why there is none; unsigned (RFC 6960 2.3). */
export function ocspFailure(why: keyof typeof failures): Uint8Array {
  return sequence(element(tags.enumerated, Buffer.of(failures[why])));
}

function certStatus(status: KnownStatus): Buffer {
  if (status === "good") return element(context(0));
  if (status === "unknown") return element(context(2));
  const reason = explicit(0, element(tags.enumerated, Buffer.of(reasonCode(status.reason))));
  return element(contextConstructed(1), generalizedTime(status.at), reason);
}

function nonceExtension(nonce: Buffer): Buffer {
  return sequence(objectIdentifier(ocspNonceId), octetString(element(tags.octetString, nonce)));
}
