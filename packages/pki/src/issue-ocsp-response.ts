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
import { ocspNonceId } from "./ocsp-extensions.ts";
import { parseOcspResponse } from "./ocsp-response.ts";
import type { AskedCertId, OcspRequest } from "./parse-ocsp-request.ts";
import { PkiError } from "./pki-error.ts";
import { type RevocationReason, reasonCode } from "./revocation-reason.ts";
import { ecdsaWithSha256, type Signer } from "./signer.ts";

/** What a responder knows of one serial number. */
export type KnownStatus = "good" | "unknown" | { readonly at: Date; readonly reason: RevocationReason };

/** OCSPResponseStatus other than successful (RFC 6960 4.2.1). */
const failures = { malformedRequest: 1, internalError: 2, tryLater: 3, unauthorized: 6 } as const;

/**
 * Answers an OCSP request in the name of the CA itself (RFC 6960 4.2), nonce included. `statusOf` says what is known of
 * each; for certificates of other issuers it must be `unknown`. Throws `PkiError` when the signer does not hold the CA's key.
 */
export async function issueOcspResponse(
  { certificates, nonce }: OcspRequest,
  answer: { issuer: Certificate; statusOf: (of: AskedCertId) => KnownStatus; thisUpdate: Date; nextUpdate: Date },
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
