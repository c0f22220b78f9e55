import { DerReader } from "./der/reader.ts";
import { contextConstructed, tags } from "./der/tags.ts";
import { readExtensionList } from "./extensions.ts";
import { ocspNonceId } from "./ocsp-request.ts";
import { PkiError } from "./pki-error.ts";

/** Requests of more octets or about more certificates are refused. */
const limits = { octets: 4096, certificates: 16 };

/** One certificate that is asked about: hashes of its issuer's name and key, and INTEGER content. */
export type CertId = {
  readonly hashAlgorithm: string;
  readonly issuerNameHash: Buffer;
  readonly issuerKeyHash: Buffer;
  readonly serialNumber: Buffer;
  /** As it came: an answer repeats it. */
  readonly der: Buffer;
};

export type OcspRequest = { readonly certificates: readonly CertId[]; readonly nonce: Buffer | undefined };

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
  const certificates: CertId[] = [];
  do {
    if (certificates.length === limits.certificates) throw new PkiError("TOO_COMPLEX", "too many certificates");
    certificates.push(readRequest(list));
  } while (!list.done);
  const nonce = tbs.done ? undefined : readNonce(tbs);
  tbs.finish();
  return { certificates, nonce };
}

function readRequest(list: DerReader): CertId {
  const request = list.enter(tags.sequence);
  const der = request.element();
  if (!request.done) readExtensions(request, 0, refuseCritical);
  request.finish();
  const certId = new DerReader(der).enter(tags.sequence);
  const algorithm = certId.enter(tags.sequence);
  const hashAlgorithm = algorithm.oid();
  if (!algorithm.done && algorithm.content(tags.null).length !== 0) {
    throw new PkiError("MALFORMED", "NULL with content");
  }
  algorithm.finish();
  const issuerNameHash = certId.content(tags.octetString);
  const issuerKeyHash = certId.content(tags.octetString);
  const serialNumber = certId.integer();
  certId.finish();
  return { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber, der };
}

/** RFC 9654 2.1: 1 to 128 octets. */
function readNonce(tbs: DerReader): Buffer | undefined {
  let nonce: Buffer | undefined;
  readExtensions(tbs, 2, (id, critical, value) => {
    if (id !== ocspNonceId) return refuseCritical(id, critical);
    nonce = value.content(tags.octetString);
    value.finish();
    if (nonce.length < 1 || nonce.length > 128) throw new PkiError("MALFORMED", "a nonce of a length that none has");
  });
  return nonce;
}

function readExtensions(
  reader: DerReader,
  tag: number,
  each: (id: string, critical: boolean, value: DerReader) => void,
): void {
  const explicit = reader.enter(contextConstructed(tag));
  readExtensionList(explicit, each);
  explicit.finish();
}

function refuseCritical(id: string, critical: boolean): void {
  if (critical) throw new PkiError("UNKNOWN_CRITICAL_EXTENSION", `critical OCSP extension ${id}`);
}
