import { type Certificate, type PdfSignatureVerdict, PkiError, type SubIndication, validatePdf } from "@xid/pki";
import { XidError } from "./xid-error.ts";

/** Whom to believe, from a source of one's own: `readTrustDirectory` of `@xid/sdk/evidence` reads both from a folder. */
export type SignedPdfTrust = {
  /** Roots of the platform's signing certificates. */
  signingAnchors: readonly Certificate[];
  /** Roots of time-stamping authorities. */
  timestampAnchors?: readonly Certificate[];
  /** Fresh revocation lists, DER: needed below B-LT (`/ca/signing.crl`, `/ca/root.crl`, and the authority's). */
  lists?: readonly Uint8Array[];
  /** Now, unless told. */
  time?: Date;
};

/** One signature of a file, and whose. */
export type SignedPdfSignature = PdfSignatureVerdict & { signer: string | undefined };

/**
 * Validates a signed PDF offline (PAdES; ETSI EN 319 102-1): every signature and time stamp must pass, and nothing may have been
 * changed since. Answers what was found of each, oldest first. Throws `XidError("DOCUMENT_INVALID")` with the sub-indication.
 */
export function verifySignedPdf(
  pdf: Uint8Array,
  { signingAnchors, timestampAnchors = [], lists = [], time = new Date() }: SignedPdfTrust,
): SignedPdfSignature[] {
  const verdicts = validate(() =>
    validatePdf(pdf, {
      anchors: signingAnchors,
      timestampAnchors,
      time,
      revocation: { ocspResponses: [], crls: lists, maxAge: 86_400 },
    }),
  );
  const bad = verdicts.find(({ indication }) => indication !== "TOTAL_PASSED");
  if (bad) throw invalid(`${bad.fieldName}: ${bad.reason?.message}`, bad.subIndication, bad.reason);
  if (!verdicts.some(({ kind }) => kind === "signature")) throw invalid("nobody signed it", undefined);
  return verdicts.map((verdict) => ({
    ...verdict,
    signer: verdict.kind === "signature" ? verdict.certificate?.subject.values(commonName)[0] : undefined,
  }));
}

const commonName = "2.5.4.3";

function validate<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw invalid(cause.message, "FORMAT_FAILURE", cause);
  }
}

function invalid(message: string, subIndication: SubIndication | undefined, cause?: unknown): XidError {
  return new XidError("DOCUMENT_INVALID", message, { cause, ...(subIndication && { subIndication }) });
}
