import type { KeyObject } from "node:crypto";
import { type Extension, KeyUsageFlags, type Name } from "@peculiar/asn1-x509";
import { birthdayIn, type Day } from "../calendar.ts";
import { type Municipality, municipalityOf } from "../people/municipalities.ts";
import { substituteCharacters } from "../people/substitute-characters.ts";
import type { Authority } from "./authority.ts";
import { signCertificate, subjectPublicKeyInfo } from "./certificate.ts";
import {
  authorityKeyIdentifier,
  certificatePolicy,
  distributionPoint,
  extendedKeyUsage,
  issuerDirectoryName,
  keyUsage,
  ocspAccess,
  otherNames,
  subjectKeyIdentifier,
} from "./extensions.ts";
import type { Kind } from "./kind.ts";
import type { Medium } from "./medium.ts";
import { authorityNameInJapanese, distributionPointName, makeName } from "./names.ts";

/** What the register says of a person, with its own characters. */
export type RegisteredAttributes = {
  name: string;
  birthdate: Day;
  gender: "male" | "female" | "unknown";
  address: string;
};

export type Issue = {
  serial: number;
  publicKey: KeyObject;
  notBefore: Date;
  notAfter: Date;
  attributes: RegisteredAttributes;
  medium: Medium;
  /** Gives an integer below its argument. */
  random: (below: number) => number;
};

const clientAuthentication = "1.3.6.1.5.5.7.3.2";
/** Those of phones are not confirmed: the signature's was read in one place only, the authentication's is a guess. */
const policies: Record<Kind, Record<Medium, string>> = {
  signature: { card: "1.2.392.200149.8.5.1.1.20", phone: "1.2.392.200149.8.5.1.1.40" },
  authentication: { card: "1.2.392.200149.8.5.1.3.30", phone: "1.2.392.200149.8.5.1.3.50" },
};
const personalData = "1.2.392.200149.8.5.5";

/** 署名用電子証明書: who the person is, in six otherNames. It names no OCSP responder. */
export function issueSignatureCertificate(authority: Authority, issue: Issue): Uint8Array {
  const { attributes, notBefore, random } = issue;
  const municipality = municipalityOf(attributes.address);
  const stamp = new Date(notBefore.getTime() + 9 * 60 * 60 * 1000).toISOString().replace(/\D/g, "").slice(0, 14);
  const subject = makeName(
    ["C", "JP"],
    ["L", municipality.prefectureRomaji],
    ["L", municipality.romaji],
    ["CN", stamp + String(random(10_000_000)).padStart(14, "0")],
  );
  return issueCertificate(authority, issue, municipality, subject, [
    keyUsage(KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation),
    certificatePolicy(policies.signature[issue.medium]),
    personalNames(attributes),
  ]);
}

/** 利用者証明用電子証明書: nothing in it says who the person is, and nothing stays over a renewal. */
export function issueAuthenticationCertificate(authority: Authority, issue: Issue, ocspUrl: string): Uint8Array {
  const { attributes, random } = issue;
  const municipality = municipalityOf(attributes.address);
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const head = Array.from({ length: 14 }, () => alphabet[random(alphabet.length)]).join("");
  const subject = makeName(["C", "JP"], ["CN", `${head}${municipality.code}${String(random(1000)).padStart(3, "0")}A`]);
  const first = [
    keyUsage(KeyUsageFlags.digitalSignature),
    extendedKeyUsage(clientAuthentication),
    certificatePolicy(policies.authentication[issue.medium]),
  ];
  return issueCertificate(authority, issue, municipality, subject, first, [ocspAccess(ocspUrl)]);
}

function issueCertificate(
  authority: Authority,
  { serial, publicKey, notBefore, notAfter }: Issue,
  municipality: Municipality,
  subject: Name,
  first: Extension[],
  access: Extension[] = [],
): Uint8Array {
  const subjectKey = subjectPublicKeyInfo(publicKey);
  const extensions = [
    ...first,
    issuerDirectoryName(authorityNameInJapanese(authority.kind)),
    distributionPoint(distributionPointName(authority.kind, municipality)),
    ...access,
    authorityKeyIdentifier(authority.publicKey, { name: authority.name, serial: authority.serial }),
    subjectKeyIdentifier(subjectKey),
  ];
  const contents = { serial, issuer: authority.name, notBefore, notAfter, subject, subjectKey, extensions };
  return signCertificate(contents, authority.privateKey);
}

/** The four attributes in the order of the JPKI, then where characters of name and address are substitutes. */
function personalNames({ name, birthdate, gender, address }: RegisteredAttributes): Extension {
  const writtenName = substituteCharacters(name);
  const writtenAddress = substituteCharacters(address);
  return otherNames([
    [`${personalData}.1`, writtenName.text],
    [`${personalData}.4`, eraNumber(birthdate) + birthdate.replaceAll("-", "")],
    [`${personalData}.3`, { male: "1", female: "2", unknown: "3" }[gender]],
    [`${personalData}.5`, writtenAddress.text],
    [`${personalData}.2`, writtenName.positions],
    [`${personalData}.6`, writtenAddress.positions],
  ]);
}

const firstDaysOfEras = ["1868-01-25", "1912-07-30", "1926-12-25", "1989-01-08", "2019-05-01"];

/**
 * 1 明治, 2 大正, 3 昭和, 4 平成, 5 令和: the number before a birth date whose year is Gregorian. 0 where what is known of the date
 * (`00` and `0000` stand for the rest) leaves open which.
 */
function eraNumber(birthdate: Day): string {
  const era = (day: Day) => firstDaysOfEras.filter((first) => first <= day).length;
  const year = Number(birthdate.slice(0, 4));
  const [earliest, latest] = [birthdate.replaceAll("-00", "-01"), birthdayIn(year, birthdate)];
  return String(year > 0 && era(earliest) === era(latest) ? era(latest) : 0);
}
