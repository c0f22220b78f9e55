import type { Certificate } from "./certificate.ts";
import { extensionIds } from "./extensions.ts";
import type { VerifiedPath } from "./path.ts";
import { PkiError } from "./pki-error.ts";

const ids = { serverAuth: "1.3.6.1.5.5.7.3.1", anyExtendedKeyUsage: "2.5.29.37.0", commonName: "2.5.4.3" };

/** A DNS name in ASCII, or the 4 or 16 octets of an IP address. */
export type ServerName = { readonly dns: string } | { readonly address: Uint8Array };

const broken = (what: string): PkiError => new PkiError("PROFILE", what);

/**
 * Verifies that a certificate names a server: literally, among the subject alternative names (RFC 9525). The common name
 * is not looked at and wildcards match nothing, since telling `*.example.com` from `*.co.jp` takes the public suffix list.
 * Throws `NAME_MISMATCH`.
 */
export function verifyServerName(certificate: Certificate, name: ServerName): void {
  const named = (certificate.extensions.subjectAltName ?? []).some((own) =>
    "dns" in name
      ? own.form === "dNSName" && own.value.toLowerCase() === name.dns.toLowerCase() && !own.value.includes("*")
      : own.form === "iPAddress" && own.value.equals(name.address),
  );
  if (!named) throw new PkiError("NAME_MISMATCH", "the certificate is for other names");
}

/**
 * Verifies that a certificate whose path is valid is that of a TLS server of this name on the open web: beyond
 * `verifyServerName`, what the CA/Browser Forum's baseline requirements say about use, names and the root.
 * Throws `PROFILE`, `KEY_USAGE` or `NAME_MISMATCH`. Knows neither certificate transparency nor public suffixes.
 */
export function verifyServerCertificate({ certificate, anchor }: VerifiedPath, name: ServerName): void {
  const { basicConstraints, critical, extendedKeyUsage, subjectAltName } = certificate.extensions;
  if (basicConstraints?.ca === true) throw broken("a CA certificate is no server's");
  if (
    extendedKeyUsage?.includes(ids.serverAuth) !== true ||
    extendedKeyUsage.includes(ids.anyExtendedKeyUsage) ||
    critical.has(extensionIds.extendedKeyUsage)
  ) {
    throw new PkiError("KEY_USAGE", "extended key usage is not that of a server");
  }
  if (critical.has(extensionIds.subjectAltName) && !certificate.subject.isEmpty) {
    throw broken("critical alternative names beside a subject");
  }
  const dnsNames = new Set((subjectAltName ?? []).flatMap((own) => (own.form === "dNSName" ? [own.value] : [])));
  for (const commonName of certificate.subject.values(ids.commonName)) {
    if (!dnsNames.has(commonName)) throw broken("a common name that is not among the DNS names");
  }
  verifyRoot(anchor);
  verifyServerName(certificate, name);
}

function verifyRoot(anchor: Certificate): void {
  const { authorityKeyIdentifier, extendedKeyUsage, subjectKeyIdentifier } = anchor.extensions;
  if (extendedKeyUsage !== undefined) throw broken("a root with extended key usage");
  if (!anchor.isSelfIssued || authorityKeyIdentifier === undefined) return;
  const { keyIdentifier, issuer } = authorityKeyIdentifier;
  if (issuer !== undefined || !keyIdentifier || subjectKeyIdentifier?.equals(keyIdentifier) !== true) {
    throw broken("a root that names another issuer than its own key");
  }
}
