import { X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate, id_ce_subjectKeyIdentifier, SubjectKeyIdentifier } from "@peculiar/asn1-x509";

/** What tells a certificate from the one before it. */
export type CertificateDetails = {
  /** `C=JP, L=Tokyo-to, …`, in the order of the certificate. */
  subject: string;
  /** Of the key, hexadecimal. */
  keyIdentifier: string;
};

/** From a certificate that we issued. */
export function certificateDetails(der: Uint8Array): CertificateDetails {
  const { tbsCertificate } = AsnConvert.parse(der, Certificate);
  const extension = tbsCertificate.extensions?.find(({ extnID }) => extnID === id_ce_subjectKeyIdentifier);
  if (!extension) throw new TypeError("a certificate without a key identifier");
  const { buffer } = AsnConvert.parse(extension.extnValue.buffer, SubjectKeyIdentifier);
  return {
    subject: new X509Certificate(der).subject.replaceAll("\n", ", "),
    keyIdentifier: Buffer.from(buffer).toString("hex"),
  };
}
