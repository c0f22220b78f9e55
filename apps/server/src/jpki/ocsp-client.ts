import { randomBytes } from "node:crypto";
import { buildOcspRequest, type Certificate, type CertificateStatus, verifyOcspResponse } from "@xid/pki";
import { boundedFetch } from "./bounded-fetch.ts";

const timeout = 4000;
const maxOctets = 64 * 1024;

/** How old the responder's data may be, in seconds. JPKI brings it up to date every 15 minutes; the answer itself is ours. */
const maxAge = 3600;

export type OcspAnswer = { status: CertificateStatus; response: Buffer };

/**
 * Asks one OCSP responder (RFC 6960) about one certificate, with a fresh nonce that must come back.
 * Rejects with `PkiError` when the answer does not hold, with the cause when there is none.
 */
export async function askOcsp(
  url: string,
  { certificate, issuer, time }: { certificate: Certificate; issuer: Certificate; time: Date },
): Promise<OcspAnswer> {
  const nonce = randomBytes(32);
  const { status, body } = await boundedFetch(url, {
    method: "POST",
    headers: { "content-type": "application/ocsp-request", accept: "application/ocsp-response" },
    body: Uint8Array.from(buildOcspRequest({ certificate, issuer, nonce })),
    timeout,
    maxOctets,
  });
  if (status !== 200) throw new RangeError(`the OCSP responder answered ${status}`);
  return { status: verifyOcspResponse(body, { certificate, issuer, nonce, time, maxAge }), response: body };
}
