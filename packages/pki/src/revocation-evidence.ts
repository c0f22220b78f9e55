import type { Certificate } from "./certificate.ts";
import type { CertificateStatus } from "./certificate-status.ts";
import { parseCrl } from "./crl.ts";
import { verifyCrlSignedBy, verifyCrlTime } from "./crl-signature.ts";
import { verifyOcspResponse } from "./ocsp.ts";
import { parseOcspResponse } from "./ocsp-response.ts";
import type { VerifiedPath } from "./path.ts";
import { PkiError } from "./pki-error.ts";
import type { RevocationReason } from "./revocation-reason.ts";
import { VerifiedCrl } from "./verified-crl.ts";

/** More pieces of evidence are refused. */
const maxPieces = 256;

/** How far an issuer's clock may be ahead of ours, in milliseconds. */
const clockSkew = 60_000;

/** Reasons after which also what was signed before may be forged. */
const compromises: ReadonlySet<RevocationReason> = new Set([
  "unspecified",
  "keyCompromise",
  "cACompromise",
  "aACompromise",
]);

export type RevocationEvidence = {
  /** DER of OCSP responses and of complete CRLs, in any order; those that do not help are ignored. */
  ocspResponses: readonly Uint8Array[];
  crls: readonly Uint8Array[];
  /** Seconds that an answer may be older than the moment it is asked about. */
  maxAge: number;
};

export type RevocationEvidenceInput = {
  path: VerifiedPath;
  evidence: RevocationEvidence;
  /** The moment at which the certificates must not have been revoked: when it was signed. */
  at: Date;
  /** Now: evidence from later is not believed. */
  time: Date;
  /** Refuses also certificates that were revoked after `at` because their key was, or may have been, lost. */
  compromiseReachesBack?: boolean;
};

/** What was said of one certificate of the path, and when that was true. */
export type RevocationFact = {
  readonly certificate: Certificate;
  readonly source: "ocsp" | "crl";
  readonly thisUpdate: Date;
};

/**
 * Verifies that no certificate of a path was revoked at a moment in the past, by evidence that was kept. Evidence from after
 * the moment is as good as that of the moment itself: each is judged at its own thisUpdate, or at the moment if that is later.
 * Throws `REVOKED`, or `STATUS_UNKNOWN` when nothing answers for a certificate. The anchor is not checked; of CRLs only complete ones
 * by the issuer itself count.
 */
export function verifyRevocationEvidence(input: RevocationEvidenceInput): readonly RevocationFact[] {
  const { path, evidence } = input;
  if (evidence.ocspResponses.length + evidence.crls.length > maxPieces) {
    throw new PkiError("TOO_COMPLEX", `more than ${maxPieces} pieces of revocation evidence`);
  }
  return path.path.map((certificate, index) => {
    const issuer = path.path[index - 1] ?? path.anchor;
    let newest: RevocationFact | undefined;
    for (const [source, pieces, ask] of [
      ["ocsp", evidence.ocspResponses, askOcsp],
      ["crl", evidence.crls, askCrl],
    ] as const) {
      for (const piece of pieces) {
        const status = answerOf(() => ask(piece, certificate, issuer, input));
        if (status?.status === "revoked") verifyRevokedLater(status, input);
        // Revoked only later: good at the moment.
        const thisUpdate =
          status?.status === "good" ? status.producedAt : status?.status === "revoked" ? input.at : undefined;
        if (thisUpdate !== undefined && (newest === undefined || thisUpdate > newest.thisUpdate)) {
          newest = { certificate, source, thisUpdate };
        }
      }
    }
    if (newest === undefined) throw new PkiError("STATUS_UNKNOWN", "no evidence that answers for a certificate");
    return newest;
  });
}

function verifyRevokedLater(
  { at, reason }: Extract<CertificateStatus, { status: "revoked" }>,
  { at: moment, compromiseReachesBack }: RevocationEvidenceInput,
): void {
  if (at > moment && !(compromiseReachesBack === true && compromises.has(reason))) return;
  throw new PkiError("REVOKED", `revoked at ${at.toISOString()}: ${reason}`);
}

type Ask = (
  der: Uint8Array,
  certificate: Certificate,
  issuer: Certificate,
  input: RevocationEvidenceInput,
) => CertificateStatus | undefined;

const askOcsp: Ask = (der, certificate, issuer, input) => {
  const { answers } = parseOcspResponse(der);
  const answer = answers.find(({ serialNumber }) => serialNumber.equals(certificate.serialNumber));
  const time = answer && judgedAt(answer.thisUpdate, input);
  return time && verifyOcspResponse(der, { certificate, issuer, time, maxAge: input.evidence.maxAge });
};

const askCrl: Ask = (der, certificate, issuer, input) => {
  const crl = parseCrl(der);
  const time = judgedAt(crl.thisUpdate, input);
  if (crl.deltaBase !== undefined || !crl.issuer.equals(issuer.subject) || time === undefined) return undefined;
  verifyCrlSignedBy(crl, issuer);
  verifyCrlTime(crl, time);
  return new VerifiedCrl(crl, issuer).status(certificate);
};

function judgedAt(thisUpdate: number, { at, time }: RevocationEvidenceInput): Date | undefined {
  if (thisUpdate > time.getTime() + clockSkew) return undefined;
  return new Date(Math.max(thisUpdate, at.getTime()));
}

function answerOf(ask: () => CertificateStatus | undefined): CertificateStatus | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof PkiError) return undefined;
    throw error;
  }
}
