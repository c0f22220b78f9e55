import { createHash } from "node:crypto";
import { AsnConvert, AsnUtf8StringConverter, OctetString } from "@peculiar/asn1-schema";
import {
  AccessDescription,
  AuthorityInfoAccessSyntax,
  AuthorityKeyIdentifier,
  BasicConstraints,
  CertificatePolicies,
  CRLDistributionPoints,
  DistributionPoint,
  DistributionPointName,
  ExtendedKeyUsage,
  Extension,
  GeneralName,
  IssueAlternativeName,
  IssuingDistributionPoint,
  id_ad_ocsp,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_certificatePolicies,
  id_ce_cRLDistributionPoints,
  id_ce_extKeyUsage,
  id_ce_issuerAltName,
  id_ce_issuingDistributionPoint,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_pe_authorityInfoAccess,
  KeyIdentifier,
  KeyUsage,
  type KeyUsageFlags,
  type Name,
  OtherName,
  PolicyInformation,
  PolicyQualifierInfo,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  type SubjectPublicKeyInfo,
} from "@peculiar/asn1-x509";
import { directoryName } from "./names.ts";

function extension(extnID: string, critical: boolean, value: object | ArrayBuffer): Extension {
  const encoded = value instanceof ArrayBuffer ? value : AsnConvert.serialize(value);
  return new Extension({ extnID, critical, extnValue: new OctetString(encoded) });
}

export function keyUsage(flags: KeyUsageFlags): Extension {
  return extension(id_ce_keyUsage, true, new KeyUsage(flags));
}

export function extendedKeyUsage(purpose: string, critical = false): Extension {
  return extension(id_ce_extKeyUsage, critical, new ExtendedKeyUsage([purpose]));
}

/** No path length, as in the JPKI's own. */
export function authorityConstraints(): Extension {
  return extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: true }));
}

/** Critical, with the practice statement that every certificate of the JPKI names. */
export function certificatePolicy(policyIdentifier: string): Extension {
  const statement = new GeneralName({ uniformResourceIdentifier: "http://www.jpki.go.jp/cps.html" });
  const qualifier = retag(AsnConvert.serialize(statement), ia5StringTag);
  const policyQualifiers = [new PolicyQualifierInfo({ policyQualifierId: "1.3.6.1.5.5.7.2.1", qualifier })];
  const policies = new CertificatePolicies([new PolicyInformation({ policyIdentifier, policyQualifiers })]);
  return extension(id_ce_certificatePolicies, true, policies);
}

const ia5StringTag = 0x16;

/** A URI name is an IA5String under another tag (RFC 5280 §4.2.1.6). */
function retag(der: ArrayBuffer, tag: number): ArrayBuffer {
  new Uint8Array(der)[0] = tag;
  return der;
}

/** otherNames of UTF8String, in the order given. */
export function otherNames(entries: [typeId: string, text: string][]): Extension {
  const names = entries.map(([typeId, text]) => {
    const value = AsnUtf8StringConverter.toASN(text).toBER();
    return new GeneralName({ otherName: new OtherName({ typeId, value }) });
  });
  return extension(id_ce_subjectAltName, false, new SubjectAlternativeName(names));
}

export function subjectDirectoryName(name: Name): Extension {
  return extension(id_ce_subjectAltName, false, new SubjectAlternativeName([directoryName(name)]));
}

export function issuerDirectoryName(name: Name): Extension {
  return extension(id_ce_issuerAltName, false, new IssueAlternativeName([directoryName(name)]));
}

export function distributionPoint(name: Name): Extension {
  const distributionPoint = new DistributionPointName({ fullName: [directoryName(name)] });
  const points = new CRLDistributionPoints([new DistributionPoint({ distributionPoint })]);
  return extension(id_ce_cRLDistributionPoints, false, points);
}

/** Critical (RFC 5280 §5.2.5): what names the list of one partition. */
export function issuingDistributionPoint(name: Name): Extension {
  const distributionPoint = new DistributionPointName({ fullName: [directoryName(name)] });
  return extension(id_ce_issuingDistributionPoint, true, new IssuingDistributionPoint({ distributionPoint }));
}

export function ocspAccess(url: string): Extension {
  const accessLocation = new GeneralName({ uniformResourceIdentifier: url });
  const access = new AuthorityInfoAccessSyntax([new AccessDescription({ accessMethod: id_ad_ocsp, accessLocation })]);
  return extension(id_pe_authorityInfoAccess, false, access);
}

/** All three parts where issuer and serial are given, as in the JPKI's certificates; else the key identifier alone. */
export function authorityKeyIdentifier(
  authorityKey: SubjectPublicKeyInfo,
  issuer?: { name: Name; serial: ArrayBuffer },
): Extension {
  const identifier = new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifier(authorityKey)) });
  if (issuer) {
    identifier.authorityCertIssuer = [directoryName(issuer.name)];
    identifier.authorityCertSerialNumber = issuer.serial;
  }
  return extension(id_ce_authorityKeyIdentifier, false, identifier);
}

export function subjectKeyIdentifier(key: SubjectPublicKeyInfo): Extension {
  return extension(id_ce_subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyIdentifier(key)));
}

/** RFC 5280 §4.2.1.2 (1). */
export function keyIdentifier(key: SubjectPublicKeyInfo): Uint8Array {
  return new Uint8Array(createHash("sha1").update(Buffer.from(key.subjectPublicKey)).digest());
}
