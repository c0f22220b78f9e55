import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate, DirectoryString, id_ce_subjectAltName, SubjectAlternativeName } from "@peculiar/asn1-x509";
import { serialHex } from "../ca/certificate.ts";
import type { Medium } from "../ca/medium.ts";
import { SandboxError } from "../error.ts";
import { certificatesOfPerson, type IssuedCertificate } from "../store/certificates.ts";
import type { Database } from "../store/database.ts";
import type { AttributeItem } from "./consent-documents.ts";
import { requireConsent } from "./consents.ts";
import type { Caller } from "./verifier-token.ts";

const personalData = "1.2.392.200149.8.5.5";

/** Attributes as the signature certificate writes them; positions have a `1` where a character stands in for another. */
export type LatestAttributes = {
  name?: string;
  nameSubstitutes?: string;
  birthdate?: string;
  gender?: "male" | "female" | "unknown";
  address?: string;
  addressSubstitutes?: string;
};

export type AttributesAnswer = {
  consentId: string;
  attributes: LatestAttributes;
  /** The present signature certificate, from which they are. */
  certificate: { serial: string; medium: Medium; notBefore: string };
};

/**
 * 最新の利用者情報(4情報)提供: the consented items, or those of them that are asked for. Throws what `requireConsent` does,
 * ITEM_NOT_CONSENTED, and NO_SIGNATURE_CERTIFICATE while the person has none that is valid.
 */
export function answerAttributes(
  database: Database,
  caller: Caller,
  { consentId, items }: { consentId: string; items?: AttributeItem[] | undefined },
): AttributesAnswer {
  const consent = requireConsent(database, caller, consentId);
  const asked = items ?? consent.items;
  const beyond = asked.find((item) => !consent.items.includes(item));
  if (beyond) throw new SandboxError("ITEM_NOT_CONSENTED", `the person did not consent to ${beyond}`);
  const certificate = presentSignatureCertificate(database, consent.personId, caller.now);
  const all = readAttributes(certificate.der);
  const fieldsOf: Record<AttributeItem, (keyof LatestAttributes)[]> = {
    name: ["name", "nameSubstitutes"],
    birthdate: ["birthdate"],
    gender: ["gender"],
    address: ["address", "addressSubstitutes"],
  };
  const fields = asked.flatMap((item) => fieldsOf[item]);
  return {
    consentId,
    attributes: Object.fromEntries(fields.map((field) => [field, all[field]])),
    certificate: {
      serial: serialHex(certificate.serial),
      medium: certificate.medium ?? "card",
      notBefore: certificate.notBefore.toISOString(),
    },
  };
}

/** The newest valid one, on the card or the phone. */
function presentSignatureCertificate(
  database: Database,
  personId: string,
  now: Date,
): IssuedCertificate & { der: Uint8Array } {
  const certificate = certificatesOfPerson(database, personId)
    .filter(({ kind, held, revocation, notAfter }) => kind === "signature" && held && !revocation && now <= notAfter)
    .at(-1);
  if (certificate?.der) return { ...certificate, der: certificate.der };
  throw new SandboxError("NO_SIGNATURE_CERTIFICATE", "the person has no valid signature certificate now");
}

function readAttributes(der: Uint8Array): Required<LatestAttributes> {
  const { extensions = [] } = AsnConvert.parse(der, Certificate).tbsCertificate;
  const extension = extensions.find(({ extnID }) => extnID === id_ce_subjectAltName);
  if (!extension) throw new TypeError("a signature certificate without attributes");
  const texts = new Map<string, string>();
  for (const { otherName } of AsnConvert.parse(extension.extnValue.buffer, SubjectAlternativeName)) {
    if (otherName) texts.set(otherName.typeId, AsnConvert.parse(otherName.value, DirectoryString).toString());
  }
  const text = (number: number) => texts.get(`${personalData}.${number}`) ?? "";
  return {
    name: text(1),
    nameSubstitutes: text(2),
    gender: ({ 1: "male", 2: "female" } as const)[text(3)] ?? "unknown",
    // An era number stands before the Gregorian date.
    birthdate: text(4).replace(/^.(....)(..)(..)$/, "$1-$2-$3"),
    address: text(5),
    addressSubstitutes: text(6),
  };
}
