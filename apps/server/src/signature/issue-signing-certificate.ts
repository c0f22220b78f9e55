import { type KeyObject, randomBytes } from "node:crypto";
import { issueCertificate, keyUsage } from "@xid/pki";
import type { SigningAuthority } from "./signing-authority.ts";

/** ub-common-name (RFC 5280 appendix A.1), in characters. */
const maxCommonName = 64;

/**
 * The xID signing certificate of one device: names its holder, and ends with the card's certificate that vouched for
 * them. That the device holds the key, and who its holder is, must have been verified. Returns DER.
 */
export function issueSigningCertificate(
  { chain: [issuing], signer, statusUrls }: SigningAuthority,
  holder: { name: string; deviceId: string; publicKey: KeyObject; notBefore: Date; notAfter: Date },
): Promise<Uint8Array> {
  const { name, deviceId, publicKey, notBefore, notAfter } = holder;
  return issueCertificate(
    {
      serialNumber: randomBytes(16),
      issuer: issuing,
      subject: [
        { type: "C", value: "JP" },
        { type: "CN", value: [...name].slice(0, maxCommonName).join("") },
        { type: "serialNumber", value: deviceId },
      ],
      notBefore: new Date(Math.floor(notBefore.getTime() / 1000) * 1000),
      notAfter: new Date(Math.min(notAfter.getTime(), issuing.notAfter.getTime())),
      publicKey,
      keyUsage: keyUsage.digitalSignature | keyUsage.nonRepudiation,
      ocspUrl: statusUrls.ocsp,
      crlUrl: statusUrls.crl,
    },
    signer,
  );
}
