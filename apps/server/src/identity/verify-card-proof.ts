import type { KeyObject } from "node:crypto";
import {
  type Certificate,
  type JpkiSignatureCertificate,
  jpkiPolicies,
  PkiError,
  type PkiErrorCode,
  parseCertificate,
  parseJpkiSignatureCertificate,
  type VerifiedPath,
  verifyPath,
  verifySignature,
} from "@xid/pki";
import { type EnrolmentCompletion, type EnrolmentStatement, fromBase64url, ProtocolError } from "@xid/protocol";
import type { AttributeVersion } from "../attributes/attribute-version.ts";
import type { StatusAnswer } from "../jpki/check-status.ts";
import { JpkiError } from "../jpki/jpki-error.ts";
import type { Platform } from "../platform.ts";
import { verifyDeviceKeys } from "./device-keys.ts";
import { IdentityError, type IdentityErrorCode } from "./identity-error.ts";
import { type CardStatements, type ExpectedStatements, parseCardStatements, verifyStatements } from "./statement.ts";

/** A person whose card signed for us, and the device that it signed for. */
export type CardProof = {
  certificate: Certificate;
  /** From the direct issuer up to the anchor. */
  issuers: readonly Certificate[];
  attributes: AttributeVersion;
  status: StatusAnswer;
  statements: CardStatements;
  keys: EnrolmentStatement["keys"];
  signingKey: KeyObject;
};

/**
 * Everything that an enrolment rests on. Throws `IdentityError` at the first thing that is wrong; nobody outside is
 * asked about a certificate whose key has not signed. Which account the person has is not decided here.
 */
export async function verifyCardProof(
  platform: Pick<Platform, "jpki">,
  completion: EnrolmentCompletion,
  expected: ExpectedStatements,
): Promise<CardProof> {
  const statements = parseCardStatements(completion);
  const person = parseSignatureCertificate(completion.certificate);
  const signatureAnchors = await platform.jpki.signatureAnchors(person.certificate);
  const path = verifyCertificatePath(person.certificate, signatureAnchors, await platform.jpki.now());
  verifyCardSignatures(path, statements);
  verifyStatements(statements, expected);
  const { keys } = statements.enrolment.statement;
  const { signing } = verifyDeviceKeys(keys, completion.keyPossession, expected.challenge);
  const issuers = [...path.path.slice(0, -1).reverse(), path.anchor];
  const status = await requireNotRevoked(platform.jpki, person.certificate, issuers[0]!);
  const { certificate } = person;
  return { certificate, issuers, attributes: toAttributes(person), status, statements, keys, signingKey: signing };
}

/** The names of the certificate's errors as they concern a person at enrolment. */
const certificateErrors: Partial<Record<PkiErrorCode, IdentityErrorCode>> = {
  POLICY: "CERTIFICATE_WRONG_KIND",
  UNTRUSTED: "CERTIFICATE_UNTRUSTED",
  EXPIRED: "CERTIFICATE_EXPIRED",
};

function parseSignatureCertificate(text: string): JpkiSignatureCertificate {
  return refuseWith("CERTIFICATE_MALFORMED", () =>
    parseJpkiSignatureCertificate(parseCertificate(fromBase64url(text))),
  );
}

function verifyCertificatePath(certificate: Certificate, anchors: readonly Certificate[], now: number): VerifiedPath {
  return refuseWith("CERTIFICATE_UNTRUSTED", () =>
    verifyPath({ certificate, anchors, time: new Date(now), requiredPolicies: [jpkiPolicies.signature] }),
  );
}

function verifyCardSignatures(path: VerifiedPath, { enrolment, consent }: CardStatements): void {
  for (const { bytes, signature } of [enrolment, consent]) {
    refuseWith("CARD_SIGNATURE_INVALID", () =>
      verifySignature({ certificate: path, algorithm: "RS256", data: bytes, signature }),
    );
  }
}

async function requireNotRevoked(
  jpki: Platform["jpki"],
  certificate: Certificate,
  issuer: Certificate,
): Promise<StatusAnswer> {
  try {
    const answer = await jpki.checkSignatureStatus(certificate, issuer);
    if (answer.status.status === "revoked") throw new IdentityError("CERTIFICATE_REVOKED", answer.status.reason);
    return answer;
  } catch (cause) {
    if (cause instanceof JpkiError) throw new IdentityError("STATUS_UNAVAILABLE", cause.message, { cause });
    throw cause;
  }
}

/** Runs one verification; what it throws becomes ours. */
function refuseWith<T>(code: IdentityErrorCode, verification: () => T): T {
  try {
    return verification();
  } catch (cause) {
    if (cause instanceof PkiError)
      throw new IdentityError(certificateErrors[cause.code] ?? code, cause.code, { cause });
    if (cause instanceof ProtocolError) throw new IdentityError(code, cause.code, { cause });
    throw cause;
  }
}

function toAttributes(person: JpkiSignatureCertificate): AttributeVersion {
  const { name, birthdate, gender, address, nameSubstitutes, addressSubstitutes } = person;
  return {
    name,
    birthdate,
    gender,
    address,
    nameSubstitutes: [...nameSubstitutes],
    addressSubstitutes: [...addressSubstitutes],
  };
}
