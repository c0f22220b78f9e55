import { readSignatureAlgorithm, type SignatureAlgorithm } from "./algorithm.ts";
import { type CertId, readCertId } from "./cert-id.ts";
import { type Certificate, parseCertificate } from "./certificate.ts";
import { DerReader } from "./der/reader.ts";
import { context, contextConstructed, tags } from "./der/tags.ts";
import { type Name, readName } from "./name.ts";
import { readOcspNonce, skipOcspExtensions } from "./ocsp-extensions.ts";
import { PkiError } from "./pki-error.ts";
import { type RevocationReason, reasonText } from "./revocation-reason.ts";

const basicResponseId = "1.3.6.1.5.5.7.48.1.1";

/** Responses of more octets, answers or certificates are refused. */
const limits = { octets: 1024 * 1024, answers: 256, certificates: 8 };

const failures: Readonly<Record<number, string>> = {
  1: "malformedRequest",
  2: "internalError",
  3: "tryLater",
  5: "sigRequired",
  6: "unauthorized",
};

export type SingleResponse = CertId & {
  readonly status: "good" | "unknown" | { readonly at: number; readonly reason: RevocationReason };
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  readonly nextUpdate: number | undefined;
};

/** A successful basic OCSP response as it was received. Nothing in it is verified. */
export type OcspResponse = {
  readonly tbs: Buffer;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Buffer;
  readonly responder: { readonly name: Name } | { readonly keyHash: Buffer };
  readonly producedAt: number;
  readonly answers: readonly SingleResponse[];
  readonly nonce: Buffer | undefined;
  readonly certificates: readonly Certificate[];
};

/**
 * Parses an OCSP response (RFC 6960 4.2). Verifies nothing. Throws `MALFORMED`, `UNSUPPORTED`,
 * `UNKNOWN_CRITICAL_EXTENSION`, or `STATUS_UNKNOWN` when the responder reports a failure instead of an answer.
 */
export function parseOcspResponse(der: Uint8Array): OcspResponse {
  if (der.length > limits.octets) throw new PkiError("TOO_COMPLEX", "OCSP response too long");
  const outer = new DerReader(Buffer.from(der));
  const response = outer.enter(tags.sequence);
  outer.finish();
  const status = response.smallInteger(tags.enumerated);
  if (status !== 0) {
    response.finish();
    throw new PkiError("STATUS_UNKNOWN", `OCSP responder: ${failures[status] ?? status}`);
  }
  const explicit = response.enter(contextConstructed(0));
  response.finish();
  const bytes = explicit.enter(tags.sequence);
  explicit.finish();
  if (bytes.oid() !== basicResponseId) throw new PkiError("UNSUPPORTED", "not a basic OCSP response");
  const content = bytes.enter(tags.octetString);
  bytes.finish();
  const basic = content.enter(tags.sequence);
  content.finish();

  const tbsStart = basic.position;
  const data = basic.enter(tags.sequence);
  const tbs = basic.bytes.subarray(tbsStart, basic.position);
  const signatureAlgorithm = readSignatureAlgorithm(basic);
  const signature = basic.octetsOfBitString();
  const certificates = basic.done ? [] : readCertificates(basic);
  basic.finish();

  // Version 1 is the default and therefore absent.
  if (data.tag === contextConstructed(0)) throw new PkiError("UNSUPPORTED", "OCSP response version");
  const responder = readResponder(data);
  const producedAt = data.generalizedTime();
  const list = data.enter(tags.sequence);
  const answers: SingleResponse[] = [];
  while (!list.done) {
    if (answers.length === limits.answers) throw new PkiError("TOO_COMPLEX", "too many OCSP answers");
    answers.push(readAnswer(list));
  }
  const nonce = data.done ? undefined : readOcspNonce(data, 1);
  data.finish();
  return { tbs, signatureAlgorithm, signature, responder, producedAt, answers, nonce, certificates };
}

function readCertificates(basic: DerReader): Certificate[] {
  const explicit = basic.enter(contextConstructed(0));
  const list = explicit.enter(tags.sequence);
  explicit.finish();
  const certificates: Certificate[] = [];
  while (!list.done) {
    if (certificates.length === limits.certificates) throw new PkiError("TOO_COMPLEX", "too many certificates");
    certificates.push(parseCertificate(list.element()));
  }
  return certificates;
}

function readResponder(data: DerReader): OcspResponse["responder"] {
  const byName = data.tag === contextConstructed(1);
  const choice = data.enter(contextConstructed(byName ? 1 : 2));
  const responder = byName ? { name: readName(choice) } : { keyHash: choice.content(tags.octetString) };
  choice.finish();
  return responder;
}

function readAnswer(list: DerReader): SingleResponse {
  const answer = list.enter(tags.sequence);
  const certId = readCertId(answer);
  const status = readStatus(answer);
  const thisUpdate = answer.generalizedTime();
  let nextUpdate: number | undefined;
  if (answer.tag === contextConstructed(0)) {
    const explicit = answer.enter(contextConstructed(0));
    nextUpdate = explicit.generalizedTime();
    explicit.finish();
  }
  if (answer.tag === contextConstructed(1)) skipOcspExtensions(answer, 1);
  answer.finish();
  return { ...certId, status, thisUpdate, nextUpdate };
}

function readStatus(answer: DerReader): SingleResponse["status"] {
  if (answer.tag === contextConstructed(1)) {
    const revoked = answer.enter(contextConstructed(1));
    const at = revoked.generalizedTime();
    if (revoked.done) return { at, reason: "unspecified" };
    const explicit = revoked.enter(contextConstructed(0));
    const reason = reasonText(explicit.smallInteger(tags.enumerated));
    explicit.finish();
    revoked.finish();
    if (reason === undefined) throw new PkiError("MALFORMED", "reason code");
    return { at, reason };
  }
  const status = answer.tag === context(0) ? "good" : "unknown";
  if (answer.content(context(status === "good" ? 0 : 2)).length !== 0) {
    throw new PkiError("MALFORMED", "NULL with content");
  }
  return status;
}
