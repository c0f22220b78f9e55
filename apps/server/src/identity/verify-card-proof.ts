import type { KeyObject } from "node:crypto";
import { type Certificate, type JpkiSignatureCertificate, type VerifiedPath, verifySignature } from "@xid/pki";
import type { EnrolmentCompletion, EnrolmentStatement } from "@xid/protocol";
import type { AttributeVersion } from "../attributes/attribute-version.ts";
import type { StatusAnswer } from "../jpki/check-status.ts";
import type { Platform } from "../platform.ts";
import { verifyDeviceKeys } from "./device-keys.ts";
import { refuseWith, requireNotRevoked, trustSignatureCertificate } from "./signature-certificate.ts";
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
  const { person, path, issuers } = await trustSignatureCertificate(platform, completion.certificate);
  verifyCardSignatures(path, statements);
  verifyStatements(statements, expected);
  const { keys } = statements.enrolment.statement;
  const { signing } = verifyDeviceKeys(keys, completion.keyPossession, expected.challenge);
  const status = await requireNotRevoked(platform.jpki, person.certificate, issuers[0]);
  const { certificate } = person;
  return { certificate, issuers, attributes: toAttributes(person), status, statements, keys, signingKey: signing };
}

function verifyCardSignatures(path: VerifiedPath, { enrolment, consent }: CardStatements): void {
  for (const { bytes, signature } of [enrolment, consent]) {
    refuseWith("CARD_SIGNATURE_INVALID", () =>
      verifySignature({ certificate: path, algorithm: "RS256", data: bytes, signature }),
    );
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
