import {
  type Certificate,
  type JpkiSignatureCertificate,
  jpkiPolicies,
  PkiError,
  type PkiErrorCode,
  parseCertificate,
  parseJpkiSignatureCertificate,
  type VerifiedPath,
  verifyPath,
} from "@xid/pki";
import { fromBase64url, ProtocolError } from "@xid/protocol";
import type { StatusAnswer } from "../jpki/check-status.ts";
import { JpkiError } from "../jpki/jpki-error.ts";
import type { Platform } from "../platform.ts";
import { IdentityError, type IdentityErrorCode } from "./identity-error.ts";

/** A card's signature certificate on its path to an authority that we trust. */
export type TrustedCertificate = {
  person: JpkiSignatureCertificate;
  path: VerifiedPath;
  /** From the direct issuer up to the anchor. */
  issuers: readonly [Certificate, ...Certificate[]];
};

/**
 * A card's signature certificate as it was sent, verified up to an anchor for now. Throws `IdentityError`. Whether its key
 * has signed anything, and whether it is revoked, is not looked at.
 *
 * @param text DER in base64url
 */
export async function trustSignatureCertificate(
  { jpki }: Pick<Platform, "jpki">,
  text: string,
): Promise<TrustedCertificate> {
  const person = refuseWith("CERTIFICATE_MALFORMED", () =>
    parseJpkiSignatureCertificate(parseCertificate(fromBase64url(text))),
  );
  const { certificate } = person;
  const anchors = await jpki.signatureAnchors(certificate);
  const time = new Date(await jpki.now());
  const path = refuseWith("CERTIFICATE_UNTRUSTED", () =>
    verifyPath({ certificate, anchors, time, requiredPolicies: [jpkiPolicies.signature] }),
  );
  const [issuer = path.anchor, ...above] = [...path.path.slice(0, -1).reverse(), path.anchor];
  return { person, path, issuers: [issuer, ...above] };
}

/** 有効性確認. Throws `IdentityError`: `CERTIFICATE_REVOKED`, or `STATUS_UNAVAILABLE` when nobody could say. */
export async function requireNotRevoked(
  jpki: Platform["jpki"],
  certificate: Certificate,
  issuer: Certificate,
): Promise<StatusAnswer> {
  try {
    const answer = await jpki.checkSignatureStatus(certificate, issuer);
    if (answer.status.status === "revoked") throw new IdentityError("CERTIFICATE_REVOKED", answer.status.reason);
    return answer;
  } catch (cause) {
    if (cause instanceof JpkiError) throw new IdentityError("STATUS_UNAVAILABLE", cause.message, { cause });
    throw cause;
  }
}

/** The names of the certificate's errors as they concern a person with a card. */
const certificateErrors: Partial<Record<PkiErrorCode, IdentityErrorCode>> = {
  POLICY: "CERTIFICATE_WRONG_KIND",
  UNTRUSTED: "CERTIFICATE_UNTRUSTED",
  EXPIRED: "CERTIFICATE_EXPIRED",
};

/** Runs one verification; what it throws becomes ours. */
export function refuseWith<T>(code: IdentityErrorCode, verification: () => T): T {
  try {
    return verification();
  } catch (cause) {
    if (cause instanceof PkiError)
      throw new IdentityError(certificateErrors[cause.code] ?? code, cause.code, { cause });
    if (cause instanceof ProtocolError) throw new IdentityError(code, cause.code, { cause });
    throw cause;
  }
}
