import type { Certificate } from "./certificate.ts";
import type { CrlContents } from "./crl.ts";
import { type CrlEntry, findOfIssuer } from "./crl-entries.ts";
import type { DistributionPoint, DistributionPointName } from "./distribution-point.ts";
import { type GeneralName, sameGeneralName } from "./general-name.ts";
import { type Name, relativeTo } from "./name.ts";

/** ReasonFlags that exist (RFC 5280 4.2.1.13), bit 0 being unused. */
export const allReasons = 0b1_1111_1110;

/**
 * The distribution points of a certificate, and the one of every certificate: what its issuer publishes as a whole
 * (RFC 5280 6.3.3). A CRL under the issuer's own name counts as the whole only for certificates that name no other place.
 */
export function distributionPointsOf(certificate: Certificate): DistributionPoint[] {
  const own: GeneralName = { form: "directoryName", value: certificate.issuer };
  const points = certificate.extensions.crlDistributionPoints;
  const whole = { name: points ? undefined : { full: [own] }, reasons: undefined, crlIssuer: undefined };
  return [...(points ?? []), whole];
}

/** RFC 5280 6.3.3 (b): the CRL covers certificates like this one at this distribution point. */
export function covers(crl: CrlContents, certificate: Certificate, point: DistributionPoint): boolean {
  const scope = crl.issuingDistributionPoint;
  if (point.crlIssuer === undefined) {
    if (!crl.issuer.equals(certificate.issuer)) return false;
  } else if (scope?.indirect !== true || !point.crlIssuer.some((name) => names(name, crl.issuer))) return false;
  if (scope === undefined) return true;
  if (scope.onlyAttributeCertificates) return false;
  const isCa = certificate.extensions.basicConstraints?.ca === true;
  if ((scope.onlyUserCertificates && isCa) || (scope.onlyCaCertificates && !isCa)) return false;
  if (scope.name === undefined) return true;
  const issued = fullNames(scope.name, crl.issuer);
  const asked =
    point.name === undefined ? (point.crlIssuer ?? []) : fullNames(point.name, nameBelow(point, certificate));
  return issued.some((name) => asked.some((other) => sameGeneralName(name, other)));
}

/** RFC 5280 6.3.3 (d): the reasons for which this CRL answers at this distribution point. */
export function reasonsCovered(crl: CrlContents, point: DistributionPoint): number {
  return allReasons & (crl.issuingDistributionPoint?.onlyReasons ?? allReasons) & (point.reasons ?? allReasons);
}

/** The entry for a certificate in a CRL that covers it, also in an indirect one. */
export function findEntry(crl: CrlContents, certificate: Certificate): CrlEntry | undefined {
  if (crl.issuingDistributionPoint?.indirect !== true || crl.list === undefined)
    return crl.entries.find(certificate.serialNumber);
  return findOfIssuer(crl.list, certificate.serialNumber, (named) =>
    named === undefined ? crl.issuer.equals(certificate.issuer) : named.some((name) => names(name, certificate.issuer)),
  );
}

function names(general: GeneralName, name: Name): boolean {
  return general.form === "directoryName" && general.value.equals(name);
}

/** What a name relative to the CRL issuer is relative to, seen from a certificate. */
function nameBelow(point: DistributionPoint, certificate: Certificate): Name {
  const [first] = point.crlIssuer ?? [];
  return first?.form === "directoryName" ? first.value : certificate.issuer;
}

function fullNames(name: DistributionPointName, crlIssuer: Name): readonly GeneralName[] {
  if ("full" in name) return name.full;
  return [{ form: "directoryName", value: relativeTo(crlIssuer, name.relative) }];
}
