import { type CertId, readCertId } from "./cert-id.ts";
import { DerReader } from "./der/reader.ts";
import { contextConstructed, tags } from "./der/tags.ts";
import { readOcspNonce, skipOcspExtensions } from "./ocsp-extensions.ts";
import { PkiError } from "./pki-error.ts";

/** Requests of more octets or about more certificates are refused. */
const limits = { octets: 4096, certificates: 16 };

/** One certificate that is asked about. `der` is the CertID as it came: an answer repeats it. */
export type AskedCertId = CertId & { readonly der: Buffer };

export type OcspRequest = { readonly certificates: readonly AskedCertId[]; readonly nonce: Buffer | undefined };

/**
 * Parses an OCSP request (RFC 6960 4.1). A signature is allowed and not looked at: whoever asks may know. Throws
 * `MALFORMED`, `TOO_COMPLEX`, `UNSUPPORTED` or `UNKNOWN_CRITICAL_EXTENSION`.
 */
export function parseOcspRequest(der: Uint8Array): OcspRequest {
  if (der.length > limits.octets) throw new PkiError("TOO_COMPLEX", "OCSP request too long");
  const outer = new DerReader(Buffer.from(der));
  const request = outer.enter(tags.sequence);
  outer.finish();
  const tbs = request.enter(tags.sequence);
  if (!request.done) request.content(contextConstructed(0));
  request.finish();
  // Version 1 is the default and therefore absent.
  if (tbs.tag === contextConstructed(0)) throw new PkiError("UNSUPPORTED", "OCSP request version");
  // requestorName
  if (tbs.tag === contextConstructed(1)) tbs.skip();
  const list = tbs.enter(tags.sequence);
  const certificates: AskedCertId[] = [];
  do {
    if (certificates.length === limits.certificates) throw new PkiError("TOO_COMPLEX", "too many certificates");
    certificates.push(readRequest(list));
  } while (!list.done);
  const nonce = tbs.done ? undefined : readNonce(tbs);
  tbs.finish();
  return { certificates, nonce };
}

function readRequest(list: DerReader): AskedCertId {
  const request = list.enter(tags.sequence);
  const start = request.position;
  const certId = readCertId(request);
  const der = request.bytes.subarray(start, request.position);
  if (!request.done) skipOcspExtensions(request, 0);
  request.finish();
  return { ...certId, der };
}

/** RFC 9654 2.1: 1 to 128 octets. */
function readNonce(tbs: DerReader): Buffer | undefined {
  const nonce = readOcspNonce(tbs, 2);
  if (nonce !== undefined && (nonce.length < 1 || nonce.length > 128)) {
    throw new PkiError("MALFORMED", "a nonce of a length that none has");
  }
  return nonce;
}
