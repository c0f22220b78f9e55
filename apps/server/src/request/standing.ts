import type { AccountState } from "../identity/account-state.ts";
import { checkCertificateStanding } from "../identity/certificate-standing.ts";
import type { StoredStatus } from "../identity/stored-certificate.ts";
import { JpkiError } from "../jpki/jpki-error.ts";
import type { Platform } from "../platform.ts";
import { RequestError } from "./request-error.ts";

/** Returns what the good standing of the account's certificate rests on; else throws why nothing may be let go now. */
export async function requireGoodStanding(platform: Platform, { certificate }: AccountState): Promise<StoredStatus> {
  const standing = await checkCertificateStanding(platform, certificate).catch((error: unknown) => {
    if (error instanceof JpkiError) throw new RequestError("STATUS_UNAVAILABLE", error.message, { cause: error });
    throw error;
  });
  if (standing.status === "good") return standing.evidence;
  throw new RequestError(standing.status === "revoked" ? "CERTIFICATE_REVOKED" : "CERTIFICATE_EXPIRED");
}
