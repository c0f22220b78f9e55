import { parseCertificate } from "@xid/pki";

/** What is known of how somebody's attributes came to be believed. */
export type VerificationFacts = {
  /** When their card signed for us and its certificate was found good. */
  verifiedAt: Date;
  /** The card's signature certificate, DER. */
  certificate: Buffer;
  /** Of the act in which the claims are let go; undefined where it is not known any more. */
  evidenceId: string | undefined;
  /** Who verified: host of the issuer. */
  verifier: string;
  /** Whether the law lets the relying party have serial numbers of certificates. */
  receivesCertificates: boolean;
};

/** The kinds of things that can be said, for the provider's metadata (section 9 of the specification). */
export const verificationMetadata = {
  verified_claims_supported: true,
  trust_frameworks_supported: ["jp_aml"],
  evidence_supported: ["document", "electronic_signature"],
  documents_supported: ["jp_individual_number_card"],
  documents_check_methods_supported: ["vcrypt", "token"],
} as const;

/** Ids that tie the steps of the process to the pieces of evidence. */
const checks = { certificate: "certificate", card: "card" } as const;

/**
 * The `verification` element and its evidence in the words of *OpenID Identity Assurance Schema Definition 1.0*: the holder
 * of a My Number Card signed with its signature key, under the password, and the certificate was verified and not revoked.
 * The method is that of 犯罪収益移転防止法施行規則 6条1項1号ワ. The certificate's serial number, which is the same at every
 * relying party, is in evidence of the kind `electronic_signature`, which only those get who may have it.
 *
 * @param derivedClaims what the certificate says and was granted
 */
export function describeVerification(facts: VerificationFacts, derivedClaims: Record<string, unknown>) {
  const { verifiedAt, evidenceId, verifier, receivesCertificates } = facts;
  const time = toRfc3339(verifiedAt);
  const document = {
    type: "document",
    check_details: [
      { check_method: "vcrypt", check_id: checks.certificate, organization: verifier, time },
      { check_method: "token", check_id: checks.card, organization: verifier, time },
    ],
    document_details: { type: "jp_individual_number_card", issuer: { country_code: "JP" } },
    derived_claims: derivedClaims,
  };
  const reference = (check_id: string) => [{ check_id }];
  return {
    trust_framework: "jp_aml",
    time,
    ...(evidenceId !== undefined && { verification_process: evidenceId }),
    assurance_process: {
      policy: "jp_aml",
      procedure: "6-1-1-wa",
      assurance_details: [
        { assurance_type: "evidence_validation", evidence_ref: reference(checks.certificate) },
        { assurance_type: "verification", evidence_ref: reference(checks.card) },
      ],
    },
    evidence: [document, ...(receivesCertificates ? [signatureEvidence(facts, derivedClaims, time)] : [])],
  };
}

function signatureEvidence({ certificate }: VerificationFacts, derivedClaims: object, createdAt: string) {
  const { issuer, serialNumber } = parseCertificate(certificate);
  return {
    type: "electronic_signature",
    signature_type: "jpki_digital_signature",
    issuer: issuer.toString(),
    serial_number: serialNumber.toString("hex").toUpperCase(),
    created_at: createdAt,
    derived_claims: derivedClaims,
  };
}

/** With the zone of Japan, whole seconds. */
function toRfc3339(date: Date): string {
  return `${new Date(date.getTime() + 9 * 3_600_000).toISOString().slice(0, 19)}+09:00`;
}
