import type { Certificate } from "./certificate.ts";
import { DerReader } from "./der/reader.ts";
import { tags } from "./der/tags.ts";
import { extensionIds, keyUsage } from "./extensions.ts";
import { PkiError } from "./pki-error.ts";
import { decodeString } from "./string.ts";

/** Policies of the certificates on the My Number Card (JPKI certificate profile). */
export const jpkiPolicies = {
  signature: "1.2.392.200149.8.5.1.1.20",
  authentication: "1.2.392.200149.8.5.1.3.30",
} as const;

/** otherName types in the subject alternative name of the signature certificate. */
const attributeIds = {
  name: "1.2.392.200149.8.5.5.1",
  nameSubstitutes: "1.2.392.200149.8.5.5.2",
  gender: "1.2.392.200149.8.5.5.3",
  birthdate: "1.2.392.200149.8.5.5.4",
  address: "1.2.392.200149.8.5.5.5",
  addressSubstitutes: "1.2.392.200149.8.5.5.6",
} as const;

const eras = { "0": "unknown", "1": "meiji", "2": "taisho", "3": "showa", "4": "heisei", "5": "reiwa" } as const;
const genders = { "1": "male", "2": "female", "3": "unknown" } as const;

const ocspMethod = "1.3.6.1.5.5.7.48.1";

export type JpkiEra = (typeof eras)[keyof typeof eras];

/** The holder as the signature certificate (署名用電子証明書) states it. Texts are kept character by character. */
export type JpkiSignatureCertificate = {
  readonly certificate: Certificate;
  /** 氏名, U+3000 between family and given name. */
  readonly name: string;
  /** Positions in `name`, counted in characters from 0, that hold a substitute for a character that JPKI cannot write. */
  readonly nameSubstitutes: readonly number[];
  /** 生年月日 as `YYYY-MM-DD` in the Gregorian calendar; a part that the register does not know is `0000` or `00`. */
  readonly birthdate: string;
  /** The era the register gives the birth date in. */
  readonly birthEra: JpkiEra;
  /** 性別 */
  readonly gender: "male" | "female" | "unknown";
  /** 住所 */
  readonly address: string;
  readonly addressSubstitutes: readonly number[];
};

/** The authentication certificate (利用者証明用電子証明書) says nothing about its holder that lasts. */
export type JpkiAuthenticationCertificate = {
  readonly certificate: Certificate;
  /** Subject CN, new at every renewal. */
  readonly commonName: string;
  /** Where its status can be asked, if it says so. */
  readonly ocspUrl: string | undefined;
};

const broken = (what: string, cause?: unknown): PkiError => new PkiError("PROFILE", what, { cause });

/**
 * Reads a signature certificate: critical policy, keyUsage exactly digitalSignature and nonRepudiation, six attributes.
 * Throws `POLICY`, `KEY_USAGE`, `PROFILE` or `MALFORMED`. Does not check who issued it, nor whether it is valid.
 */
export function parseJpkiSignatureCertificate(certificate: Certificate): JpkiSignatureCertificate {
  verifyKind(certificate, jpkiPolicies.signature, keyUsage.digitalSignature | keyUsage.nonRepudiation);
  const attributes = readAttributes(certificate);
  const name = attributes.get(attributeIds.name);
  const address = attributes.get(attributeIds.address);
  const gender = attributes.get(attributeIds.gender);
  if (name === undefined || name === "") throw broken("no name");
  if (address === undefined || address === "") throw broken("no address");
  if (gender === undefined || !Object.hasOwn(genders, gender)) throw broken("gender is not 1, 2 or 3");
  return {
    certificate,
    name,
    nameSubstitutes: substitutes(attributes.get(attributeIds.nameSubstitutes)),
    ...readBirthdate(attributes.get(attributeIds.birthdate)),
    gender: genders[gender as keyof typeof genders],
    address,
    addressSubstitutes: substitutes(attributes.get(attributeIds.addressSubstitutes)),
  };
}

/**
 * Reads an authentication certificate: critical policy, keyUsage exactly digitalSignature.
 * Throws `POLICY`, `KEY_USAGE` or `PROFILE`. Does not check who issued it, nor whether it is valid.
 */
export function parseJpkiAuthenticationCertificate(certificate: Certificate): JpkiAuthenticationCertificate {
  verifyKind(certificate, jpkiPolicies.authentication, keyUsage.digitalSignature);
  const [commonName, ...others] = certificate.subject.values("2.5.4.3");
  if (commonName === undefined || others.length > 0) throw broken("one common name expected");
  return { certificate, commonName, ocspUrl: ocspUrl(certificate) };
}

/** The first http address among the certificate's OCSP responders, as written; it is not checked any further. */
export function ocspUrl(certificate: Certificate): string | undefined {
  for (const { method, location } of certificate.extensions.authorityInfoAccess ?? []) {
    if (method !== ocspMethod || location.form !== "uniformResourceIdentifier") continue;
    if (/^https?:\/\//i.test(location.value)) return location.value;
  }
  return undefined;
}

function verifyKind(certificate: Certificate, policy: string, usage: number): void {
  const { critical } = certificate.extensions;
  if (certificate.policies.length !== 1 || certificate.policies[0] !== policy) {
    throw new PkiError("POLICY", `policy ${policy} expected`);
  }
  if (!critical.has(extensionIds.certificatePolicies)) throw broken("certificate policies must be critical");
  if (certificate.extensions.keyUsage !== usage || !critical.has(extensionIds.keyUsage)) {
    throw new PkiError("KEY_USAGE", "key usage is not that of the JPKI profile");
  }
  if (certificate.extensions.basicConstraints?.ca === true) throw broken("a CA certificate");
}

function readAttributes(certificate: Certificate): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const name of certificate.extensions.subjectAltName ?? []) {
    if (name.form !== "otherName") continue;
    if (attributes.has(name.type)) throw broken(`attribute ${name.type} twice`);
    const reader = new DerReader(name.value);
    if (reader.tag === tags.utf8String)
      attributes.set(name.type, decodeString(tags.utf8String, reader.content(tags.utf8String)));
  }
  return attributes;
}

/** One digit for each character: 1 where it is a substitute. */
function substitutes(flags: string | undefined): number[] {
  if (flags === undefined) return [];
  if (!/^[01]*$/.test(flags)) throw broken("substitute positions are not 0 and 1");
  return [...flags].flatMap((flag, position) => (flag === "1" ? [position] : []));
}

/** `EYYYYMMDD`: a digit for the era and the Gregorian date, with zeros for what is unknown. */
function readBirthdate(text: string | undefined): { birthdate: string; birthEra: JpkiEra } {
  const match = /^([0-5])([0-9]{4})([0-9]{2})([0-9]{2})$/.exec(text ?? "");
  if (match === null) throw broken("birth date is not EYYYYMMDD");
  const [, era, year, month, day] = match as unknown as [string, keyof typeof eras, string, string, string];
  // 2000 where the year is unknown: a leap year, so that 29 February stands.
  const known = new Date(
    Date.UTC(
      year === "0000" ? 2000 : Number(year),
      month === "00" ? 0 : Number(month) - 1,
      day === "00" ? 1 : Number(day),
    ),
  );
  const fits =
    known.getUTCMonth() === (month === "00" ? 0 : Number(month) - 1) &&
    (day === "00" || known.getUTCDate() === Number(day));
  if (!fits || Number(month) > 12) throw broken("birth date does not exist");
  return { birthdate: `${year}-${month}-${day}`, birthEra: eras[era] };
}
