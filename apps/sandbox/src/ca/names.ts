import {
  AttributeTypeAndValue,
  AttributeValue,
  GeneralName,
  Name,
  RelativeDistinguishedName,
} from "@peculiar/asn1-x509";
import type { Municipality } from "../people/municipalities.ts";
import type { Kind } from "./kind.ts";

const types = { C: "2.5.4.6", O: "2.5.4.10", OU: "2.5.4.11", L: "2.5.4.7", CN: "2.5.4.3" };
type Attribute = [keyof typeof types, string];

/** A name of one attribute per RDN, in the string types of the JPKI: PrintableString for C, UTF8String for the rest. */
export function makeName(...attributes: Attribute[]): Name {
  return new Name(
    attributes.map(([type, text]) => {
      const value = new AttributeValue(type === "C" ? { printableString: text } : { utf8String: text });
      return new RelativeDistinguishedName([new AttributeTypeAndValue({ type: types[type], value })]);
    }),
  );
}

const purposes = { signature: "JPKI for digital signature", authentication: "JPKI for user authentication" };
const purposesInJapanese = { signature: "署名用", authentication: "利用者証明用" };

/** Never `O=JPKI`: that is the real one. */
const organization: Attribute[] = [
  ["C", "JP"],
  ["O", "SIM-JPKI"],
];

export function authorityName(kind: Kind): Name {
  return makeName(
    ...organization,
    ["OU", purposes[kind]],
    ["OU", "Japan Agency for Local Authority Information Systems"],
  );
}

/** The authority's name in Japanese: its subjectAltName, and the issuerAltName of what it issues. */
export function authorityNameInJapanese(kind: Kind): Name {
  return makeName(
    ["C", "JP"],
    ["O", "模擬公的個人認証サービス"],
    ["OU", `模擬公的個人認証サービス${purposesInJapanese[kind]}`],
    ["OU", "地方公共団体情報システム機構"],
  );
}

/** Where the CRL of a municipality would stand in the directory: a name, not a URL. */
export function distributionPointName(kind: Kind, { prefectureRomaji, romaji }: Municipality): Name {
  return makeName(
    ...organization,
    ["OU", purposes[kind]],
    ["OU", "CRL Distribution Points"],
    ["OU", prefectureRomaji],
    ["CN", `${romaji} CRLDP`],
  );
}

export function directoryName(name: Name): GeneralName {
  return new GeneralName({ directoryName: name });
}
