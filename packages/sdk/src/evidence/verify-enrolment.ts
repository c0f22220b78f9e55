import { createPublicKey, verify } from "node:crypto";
import { type Certificate, jpkiPolicies, PkiError, type VerifiedPath, verifySignature } from "@xid/pki";
import {
  canonicalJson,
  decodeJws,
  EnrolmentStatement,
  fromBase64url,
  JlisConsentStatement,
  KeyPossessionStatement,
  keyPossessionType,
} from "@xid/protocol";
import type { z } from "zod";
import { EvidenceError } from "./evidence-error.ts";
import type { EnrolmentRecord } from "./records.ts";
import { verifyCertificate, verifyStatus } from "./verify-certificate.ts";

/** What an enrolment's record shows: whose card signed for which keys. */
export type VerifiedEnrolment = {
  /** The card's signature certificate. */
  certificate: Certificate;
  /** When its standing was asked. */
  statusCheckedAt: Date;
  keys: EnrolmentStatement["keys"];
};

/**
 * Verifies that the card's signature key signed for these three device keys and for the consent to J-LIS, with a
 * certificate that was valid and good, and that the platform certified the key for signing.
 */
export function verifyEnrolment(
  record: EnrolmentRecord,
  {
    cardAnchors,
    signingAnchors,
    lists,
  }: { cardAnchors: readonly Certificate[]; signingAnchors: readonly Certificate[]; lists: readonly Uint8Array[] },
): VerifiedEnrolment {
  const time = new Date(record.time);
  const path = verifyCertificate(record.certificate, {
    anchors: cardAnchors,
    time,
    policies: [jpkiPolicies.signature],
  });
  const statusCheckedAt = verifyStatus(path, record.certificateStatus, { act: time, lists });
  const statement = readSigned(EnrolmentStatement, record.statement, record.statementSignature, path);
  const consent = readSigned(JlisConsentStatement, record.jlisConsent, record.jlisConsentSignature, path);
  if (consent.challenge !== statement.challenge || consent.origin !== statement.origin) {
    throw new EvidenceError("STATEMENT_MISMATCH", "the consent was given in another enrolment");
  }
  verifyPossession(record.keyPossession, statement);
  const signing = verifyCertificate(
    {
      certificate: Buffer.from(fromBase64url(record.signingCertificate)).toString("base64"),
      issuers: record.signingAuthority,
    },
    { anchors: signingAnchors, time },
  );
  const { publicKey } = signing.certificate;
  if (!publicKey.equals(createPublicKey({ key: statement.keys.signing, format: "jwk" }))) {
    throw new EvidenceError("STATEMENT_MISMATCH", "the signing certificate is for another key");
  }
  return { certificate: path.certificate, statusCheckedAt, keys: statement.keys };
}

function readSigned<T extends object>(shape: z.ZodType<T>, text: string, signature: string, path: VerifiedPath): T {
  const data = fromBase64url(text);
  try {
    verifySignature({ certificate: path, algorithm: "RS256", data, signature: fromBase64url(signature) });
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw new EvidenceError("SIGNATURE_INVALID", "the card did not sign the statement", { cause });
  }
  const parsed = shape.safeParse(JSON.parse(Buffer.from(data).toString("utf8")));
  if (!parsed.success || !Buffer.from(canonicalJson(parsed.data)).equals(data)) {
    throw new EvidenceError("STATEMENT_MISMATCH", "a signed statement is not in its form");
  }
  return parsed.data;
}

function verifyPossession(jws: string, { challenge, keys }: EnrolmentStatement): void {
  const { header, payload, signingInput, signature } = decodeJws(jws);
  const key = createPublicKey({ key: keys.signing, format: "jwk" });
  if (!verify("sha256", signingInput, { key, dsaEncoding: "ieee-p1363" }, signature)) {
    throw new EvidenceError("SIGNATURE_INVALID", "the signing key did not prove itself");
  }
  const parsed = KeyPossessionStatement.safeParse(payload);
  if (header.typ !== keyPossessionType || !parsed.success || parsed.data.challenge !== challenge) {
    throw new EvidenceError("STATEMENT_MISMATCH", "the signing key proved itself in another enrolment");
  }
}
