import { createHash } from "node:crypto";
import {
  type Certificate,
  type CertificateStatus,
  PkiError,
  parseCertificate,
  type VerifiedPath,
  verifyCrl,
  verifyOcspResponse,
  verifyPath,
} from "@xid/pki";
import { EvidenceError } from "./evidence-error.ts";
import type { CertificateWithIssuers, Status } from "./records.ts";

/** How old an OCSP answer may have been when it was asked for, in seconds. */
const ocspMaxAge = 3600;

/** A path to one of the anchors, valid at `time`. Throws `CERTIFICATE_UNTRUSTED`. Revocation is not looked at. */
export function verifyCertificate(
  { certificate, issuers }: CertificateWithIssuers,
  { anchors, time, policies }: { anchors: readonly Certificate[]; time: Date; policies?: readonly string[] },
): VerifiedPath {
  try {
    return verifyPath({
      certificate: parse(certificate),
      intermediates: issuers.map(parse),
      anchors,
      time,
      ...(policies ? { requiredPolicies: policies } : {}),
    });
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw new EvidenceError("CERTIFICATE_UNTRUSTED", `certificate: ${cause.code}`, { cause });
  }
}

/** How long before an act its certificate may have been asked about, in milliseconds: a day. */
const statusMaxAge = 24 * 3_600_000;

/** How far the clocks of an answer and of an act may be apart the other way, in milliseconds. */
const clockSkew = 60_000;

/**
 * Verifies that an answer of the act's time says that the certificate was good. Throws `STATUS_UNPROVEN`.
 *
 * @param expected what the answer must be
 * @param act when the act was; an answer from a day before, or from after it, says nothing about it
 * @param lists revocation lists that come with the record, DER
 * @returns when it was asked
 */
export function verifyStatus(
  { path, anchor }: VerifiedPath,
  status: Status,
  {
    act,
    lists,
    expected = "good",
  }: { act: Date; lists: readonly Uint8Array[]; expected?: Exclude<CertificateStatus["status"], "unknown"> },
): Date {
  const certificate = path.at(-1)!;
  const issuer = path.at(-2) ?? anchor;
  const time = new Date(status.checkedAt);
  const age = act.getTime() - time.getTime();
  // A certificate that has ended stays so.
  const tooOld = expected === "good" && age > statusMaxAge;
  if (!(age >= -clockSkew) || tooOld) {
    throw new EvidenceError("STATUS_UNPROVEN", "the answer about the certificate is of another time than the act");
  }
  const { status: answer } = refuse(() => answerOf({ certificate, issuer, time }, status, lists));
  if (answer !== expected) throw new EvidenceError("STATUS_UNPROVEN", `the certificate was ${answer}`);
  return time;
}

function answerOf(
  { certificate, issuer, time }: { certificate: Certificate; issuer: Certificate; time: Date },
  status: Status,
  lists: readonly Uint8Array[],
): CertificateStatus {
  if (status.kind === "ocsp") {
    const response = Buffer.from(status.response, "base64");
    return verifyOcspResponse(response, { certificate, issuer, time, maxAge: ocspMaxAge });
  }
  const digest = Buffer.from(status.listDigest, "base64");
  const list = lists.find((der) => createHash("sha256").update(der).digest().equals(digest));
  if (!list) throw new EvidenceError("STATUS_UNPROVEN", "the revocation list that the record names is not here");
  return verifyCrl(list, { issuer, time }).status(certificate);
}

function refuse<T>(verification: () => T): T {
  try {
    return verification();
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw new EvidenceError("STATUS_UNPROVEN", `status: ${cause.code}`, { cause });
  }
}

function parse(text: string): Certificate {
  return parseCertificate(Buffer.from(text, "base64"));
}
