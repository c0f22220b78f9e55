import { issuerHashes, namesAsIssuer } from "./cert-id.ts";
import type { Certificate } from "./certificate.ts";
import { verifyCertificateProfile } from "./certificate-profile.ts";
import type { CertificateStatus } from "./certificate-status.ts";
import { extensionIds, keyUsage } from "./extensions.ts";
import { type OcspResponse, parseOcspResponse, type SingleResponse } from "./ocsp-response.ts";
import { PkiError } from "./pki-error.ts";
import { verifyStructure } from "./structure-signature.ts";

const ocspSigning = "1.3.6.1.5.5.7.3.9";

/** How far the responder's clock may be ahead of ours, in milliseconds. */
const clockSkew = 60_000;

export type OcspInput = {
  certificate: Certificate;
  /** The CA that issued the certificate. Taken as trusted and valid. */
  issuer: Certificate;
  /** The nonce of the request; when given, the response must carry the same. */
  nonce?: Uint8Array;
  time: Date;
  /** Seconds since thisUpdate after which an answer is not believed, also when its nextUpdate is later. */
  maxAge: number;
};

/**
 * Verifies an OCSP response (RFC 6960 3.2) and answers what it says about the certificate. The responder must be the
 * issuer itself or one to which that issuer gave a certificate with id-kp-OCSPSigning and id-pkix-ocsp-nocheck.
 * Throws what `parseOcspResponse` throws, `UNTRUSTED` (no such responder, or not the certificate's issuer), `SIGNATURE_INVALID`, `NONCE_MISMATCH`,
 * `STALE`, or `STATUS_UNKNOWN` when the answer is about other certificates.
 */
export function verifyOcspResponse(der: Uint8Array, input: OcspInput): CertificateStatus {
  if (!input.certificate.namesAsIssuer(input.issuer)) throw new PkiError("UNTRUSTED", "the issuer is another CA");
  const response = parseOcspResponse(der);
  const responder = findResponder(response, input);
  verifyStructure(responder, response.signatureAlgorithm, response.tbs, response.signature);
  if (input.nonce !== undefined && response.nonce?.equals(input.nonce) !== true) {
    throw new PkiError("NONCE_MISMATCH", "the response is not for this request");
  }
  const answers = response.answers.filter((answer) => isAbout(answer, input));
  if (answers.length > 1) throw new PkiError("MALFORMED", "two answers for one certificate");
  const [answer] = answers;
  if (answer === undefined) throw new PkiError("STATUS_UNKNOWN", "the response is about another certificate");
  verifyTime(answer, response.producedAt, input);
  if (answer.status === "unknown") return { status: "unknown" };
  if (answer.status !== "good") {
    return { status: "revoked", at: new Date(answer.status.at), reason: answer.status.reason };
  }
  const nextUpdate = answer.nextUpdate === undefined ? undefined : new Date(answer.nextUpdate);
  return { status: "good", producedAt: new Date(answer.thisUpdate), nextUpdate };
}

function findResponder(response: OcspResponse, input: OcspInput): Certificate {
  if (isResponder(input.issuer, response)) return input.issuer;
  let reason: unknown;
  for (const candidate of response.certificates) {
    if (!isResponder(candidate, response)) continue;
    try {
      verifyDelegate(candidate, input);
      return candidate;
    } catch (error) {
      reason ??= error;
    }
  }
  throw reason ?? new PkiError("UNTRUSTED", "the response is by nobody the issuer named");
}

function isResponder(certificate: Certificate, { responder }: OcspResponse): boolean {
  if ("name" in responder) return certificate.subject.equals(responder.name);
  return issuerHashes("sha1", certificate).key.equals(responder.keyHash);
}

/** RFC 6960 4.2.2.2: issued directly by the CA of the certificate in question, for this use. */
function verifyDelegate(candidate: Certificate, { issuer, time }: OcspInput): void {
  const { extensions } = candidate;
  if (!candidate.issuer.equals(issuer.subject)) throw new PkiError("UNTRUSTED", "OCSP responder of another issuer");
  candidate.verifySignedBy(issuer);
  candidate.verifyValidAt(time);
  verifyCertificateProfile(candidate);
  if (extensions.extendedKeyUsage?.includes(ocspSigning) !== true) {
    throw new PkiError("KEY_USAGE", "a certificate that is not for OCSP responders");
  }
  if (extensions.keyUsage !== undefined && (extensions.keyUsage & keyUsage.digitalSignature) === 0) {
    throw new PkiError("KEY_USAGE", "an OCSP responder whose key may not sign");
  }
  // RFC 6960 4.2.2.2.1: without it somebody would have to ask about the responder.
  if (extensions.ocspNoCheck !== true) {
    throw new PkiError("STATUS_UNKNOWN", `the OCSP responder's own status is unknown: no ${extensionIds.ocspNoCheck}`);
  }
}

function isAbout(answer: SingleResponse, { certificate, issuer }: OcspInput): boolean {
  return answer.serialNumber.equals(certificate.serialNumber) && namesAsIssuer(answer, issuer);
}

/** RFC 6960 4.2.2.1. */
function verifyTime(answer: SingleResponse, producedAt: number, { time, maxAge }: OcspInput): void {
  const now = time.getTime();
  if (!(answer.thisUpdate <= now + clockSkew && producedAt <= now + clockSkew)) {
    throw new PkiError("STALE", "an OCSP answer of the future");
  }
  if (!(now - answer.thisUpdate <= maxAge * 1000)) throw new PkiError("STALE", "OCSP answer too old");
  if (answer.nextUpdate !== undefined && !(now <= answer.nextUpdate))
    throw new PkiError("STALE", "OCSP answer has ended");
}
