import type { Certificate } from "./certificate.ts";
import { extensionIds, keyUsage } from "./extensions.ts";
import { isDnsName } from "./name-forms.ts";
import { PkiError } from "./pki-error.ts";

/** Extensions that may be marked critical because a path or revocation check acts on them. */
const processed: ReadonlySet<string> = new Set([
  extensionIds.keyUsage,
  extensionIds.subjectAltName,
  extensionIds.basicConstraints,
  extensionIds.nameConstraints,
  extensionIds.crlDistributionPoints,
  extensionIds.certificatePolicies,
  extensionIds.policyMappings,
  extensionIds.policyConstraints,
  extensionIds.extendedKeyUsage,
  extensionIds.inhibitAnyPolicy,
]);

/** RFC 5280 marks these "MUST be non-critical". */
const neverCritical = [
  extensionIds.subjectKeyIdentifier,
  extensionIds.authorityKeyIdentifier,
  extensionIds.authorityInfoAccess,
  extensionIds.freshestCrl,
] as const;

/** RFC 5280 marks these "MUST be critical". */
const alwaysCritical = [
  ["nameConstraints", extensionIds.nameConstraints],
  ["inhibitAnyPolicy", extensionIds.inhibitAnyPolicy],
] as const;

const broken = (what: string): PkiError => new PkiError("PROFILE", what);

/**
 * The rules of RFC 5280 section 4 that concern one certificate alone, whatever its place in a path.
 * Throws `UNKNOWN_CRITICAL_EXTENSION` or `PROFILE`.
 */
export function verifyCertificateProfile(certificate: Certificate): void {
  const { extensions } = certificate;
  for (const id of neverCritical) if (extensions.critical.has(id)) throw broken(`extension ${id} must not be critical`);
  for (const id of extensions.critical) {
    if (!processed.has(id)) throw new PkiError("UNKNOWN_CRITICAL_EXTENSION", `critical extension ${id}`);
  }
  for (const [name, id] of alwaysCritical) {
    if (extensions[name] !== undefined && !extensions.critical.has(id)) throw broken(`${name} must be critical`);
  }
  // RFC 5280 4.2.1.11; RFC 3280 still left it open, so a CA that takes part in policies at all may leave it out.
  if (extensions.policyConstraints !== undefined && extensions.certificatePolicies === undefined) {
    if (!extensions.critical.has(extensionIds.policyConstraints)) throw broken("policyConstraints must be critical");
  }
  // RFC 5280 4.1.2.2. Some roots have it.
  if (certificate.serialNumber.length === 1 && certificate.serialNumber[0] === 0 && !certificate.isSelfSigned)
    throw broken("serial number zero");
  if (certificate.issuer.isEmpty) throw broken("no issuer");
  if (certificate.subject.isEmpty && !extensions.critical.has(extensionIds.subjectAltName)) {
    throw broken("neither a subject nor critical alternative names");
  }
  verifyAlternativeNames(certificate);
  const usage = extensions.keyUsage ?? 0;
  if (extensions.basicConstraints?.ca === true) verifyCaProfile(certificate);
  else {
    if ((usage & keyUsage.keyCertSign) !== 0) throw broken("keyCertSign without being a CA");
    if (extensions.nameConstraints !== undefined) throw broken("name constraints without being a CA");
    if (extensions.basicConstraints?.pathLength !== undefined) throw broken("path length without being a CA");
  }
  // RFC 5280 4.2.1.1: only a self-signed certificate may leave it out.
  if (extensions.authorityKeyIdentifier?.keyIdentifier === undefined && !certificate.isSelfSigned) {
    throw broken("no authority key identifier");
  }
}

function verifyCaProfile(certificate: Certificate): void {
  const { basicConstraints, keyUsage: usage, subjectKeyIdentifier } = certificate.extensions;
  if (certificate.subject.isEmpty) throw broken("a CA without a name");
  if (subjectKeyIdentifier === undefined) throw broken("a CA without subject key identifier");
  // RFC 5280 4.2.1.9
  if (basicConstraints?.pathLength !== undefined && usage !== undefined && (usage & keyUsage.keyCertSign) === 0) {
    throw broken("path length without keyCertSign");
  }
}

function verifyAlternativeNames(certificate: Certificate): void {
  for (const name of certificate.extensions.subjectAltName ?? []) {
    if (name.form === "dNSName" && !isDnsName(name.value, { wildcard: true })) throw broken("a dNSName that is none");
    if (name.form === "iPAddress" && name.value.length !== 4 && name.value.length !== 16) {
      throw broken("an iPAddress that is none");
    }
  }
}
