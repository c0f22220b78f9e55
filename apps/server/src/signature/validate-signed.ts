import {
  type Certificate,
  type PdfSignatureVerdict,
  type RevocationEvidence,
  type RevocationFact,
  validatePdf,
  verifyCms,
  verifyPath,
  verifyRevocationEvidence,
  verifyTimestamp,
} from "@xid/pki";
import type { ValidationReport } from "@xid/protocol";
import { DocumentError } from "../document/document-error.ts";

type Finding = ValidationReport["signatures"][number];

/** Whom to believe, what is known of their certificates, and when. */
export type Trust = {
  /** Of signers. */
  anchors: readonly Certificate[];
  timestampAnchors: readonly Certificate[];
  revocation: RevocationEvidence;
  time: Date;
};

/**
 * Validates every signature of a file before it is given out, as anybody will. The newest must pass. Those before it, which may
 * be by somebody unknown or by a certificate that was revoked since, must not have become broken; the report says how
 * they stand. Throws `NOT_SIGNABLE`.
 */
export function validateSignedPdf(pdf: Uint8Array, trust: Trust): ValidationReport {
  const verdicts = validatePdf(pdf, trust);
  const newest = verdicts.findLast(({ kind }) => kind === "signature");
  const bad = verdicts.find(
    (verdict) => verdict.indication === "TOTAL_FAILED" || (verdict.indication !== "TOTAL_PASSED" && verdict === newest),
  );
  if (bad) throw new DocumentError("NOT_SIGNABLE", `${bad.fieldName}: ${bad.reason?.message}`);
  if (!newest) throw new DocumentError("NOT_SIGNABLE", "the signature is not in the file");
  return { validatedAt: trust.time.toISOString(), signatures: verdicts.map(findingOf) };
}

function findingOf(verdict: PdfSignatureVerdict): Finding {
  const { fieldName, kind, indication, subIndication, existedAt, timestamp, coversWholeFile, laterChanges } = verdict;
  return {
    fieldName,
    kind,
    indication,
    subIndication: subIndication ?? null,
    existedAt: existedAt?.toISOString() ?? null,
    timestampedAt: timestamp?.time.toISOString() ?? null,
    coversWholeFile,
    laterChanges: [...new Set(laterChanges.map((change) => change.kind))],
    revocation: verdict.revocation.map(toFact),
  };
}

/** The same for a detached CMS signature over a digest. Throws `PkiError`. */
export function validateCms(cms: Uint8Array, digest: Buffer, trust: Trust): ValidationReport {
  const { signers, certificates } = verifyCms(cms, { content: () => digest });
  const [signer, ...others] = signers;
  if (!signer || others.length > 0) throw new TypeError("a signature by more than one");
  const stamps = signer.timestamps.map((token) =>
    verifyTimestamp(token, { content: signer.signature, ...stampTrust(trust) }),
  );
  const at = stamps[0]?.time ?? trust.time;
  const revocation = verifySigner(signer.certificate, certificates, at, trust);
  return reportOf(trust, { at, timestampedAt: stamps[0]?.time, revocation });
}

/** Of a signature whose octets were verified already. Throws `PkiError`. */
export function validateSigner(
  certificate: Certificate,
  issuers: readonly Certificate[],
  trust: Trust,
): ValidationReport {
  const revocation = verifySigner(certificate, issuers, trust.time, trust);
  return reportOf(trust, { at: trust.time, timestampedAt: undefined, revocation });
}

function stampTrust({ timestampAnchors, revocation, time }: Trust) {
  return { anchors: timestampAnchors, revocation, time };
}

function verifySigner(
  certificate: Certificate,
  intermediates: readonly Certificate[],
  at: Date,
  { anchors, revocation: evidence, time }: Trust,
): readonly RevocationFact[] {
  const path = verifyPath({ certificate, intermediates, anchors, time: at });
  return verifyRevocationEvidence({ path, evidence, at, time });
}

function reportOf(
  { time }: Trust,
  {
    at,
    timestampedAt,
    revocation,
  }: { at: Date; timestampedAt: Date | undefined; revocation: readonly RevocationFact[] },
): ValidationReport {
  const finding: Finding = {
    fieldName: "signature",
    kind: "signature",
    indication: "TOTAL_PASSED",
    subIndication: null,
    existedAt: at.toISOString(),
    timestampedAt: timestampedAt?.toISOString() ?? null,
    coversWholeFile: true,
    laterChanges: [],
    revocation: revocation.map(toFact),
  };
  return { validatedAt: time.toISOString(), signatures: [finding] };
}

function toFact({ source, thisUpdate }: RevocationFact) {
  return { source, thisUpdate: thisUpdate.toISOString() };
}
