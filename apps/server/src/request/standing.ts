import type { AuthenticationLevel } from "@xid/protocol";
import { refreshIdentities } from "../continuity/refresh-identities.ts";
import type { AccountState } from "../identity/account-state.ts";
import { checkCertificateStanding } from "../identity/certificate-standing.ts";
import type { ChangeReason } from "../identity/identity-status.ts";
import type { StoredStatus } from "../identity/stored-certificate.ts";
import { JpkiError } from "../jpki/jpki-error.ts";
import type { Platform } from "../platform.ts";
import type { Request } from "./request.ts";
import { RequestError } from "./request-error.ts";

/**
 * Returns what the good standing of the account's certificate rests on; else throws why nothing may be let go now. Where a
 * level is wanted, JPKI is asked at this moment, and not only when the last answer is too old.
 */
export async function requireGoodStanding(
  platform: Platform,
  { certificate }: AccountState,
  level?: AuthenticationLevel,
): Promise<StoredStatus> {
  const fresh = level !== undefined;
  const standing = await unavailableAsOurs(checkCertificateStanding(platform, certificate, { fresh }));
  if (standing.status === "good") return standing.evidence;
  throw new RequestError(standing.status === "revoked" ? "CERTIFICATE_REVOKED" : "CERTIFICATE_EXPIRED");
}

/** What a sign-in rests on; `changed` is why the certificate has ended, where the sign-in may go on all the same. */
export type Standing = { evidence: StoredStatus; changed: ChangeReason | null };

/** With these the person is still who they were; a lost card, a death or a reason that nobody knows is another matter. */
const harmless: readonly (ChangeReason | null | undefined)[] = ["moved_or_renamed", "renewed", "expired"];

/**
 * The same for a sign-in, by the client's policy for people of whom something has changed: `warn` lets those go on of whom
 * J-LIS says nothing worse than a move, a new name, a renewal or an expiry; `block` throws `IDENTITY_CHANGED`. A level that the
 * client wants leaves nothing to its policy.
 */
export async function requireStanding(
  platform: Platform,
  { asked: { kind, changePolicy, level } }: Pick<Request, "asked">,
  account: AccountState,
): Promise<Standing> {
  if (kind !== "sign_in" || level !== undefined || changePolicy === undefined || changePolicy === "require") {
    return { evidence: await requireGoodStanding(platform, account, level), changed: null };
  }
  const { accountId, certificate } = account;
  const standing = await unavailableAsOurs(checkCertificateStanding(platform, certificate));
  if (standing.status === "good") return { evidence: standing.evidence, changed: null };
  if (changePolicy === "block") throw new RequestError("IDENTITY_CHANGED");
  const known = await unavailableAsOurs(refreshIdentities(platform, [accountId]));
  const reason = known.get(accountId)?.reason;
  if (reason && harmless.includes(reason)) return { evidence: standing.evidence, changed: reason };
  throw new RequestError(standing.status === "revoked" ? "CERTIFICATE_REVOKED" : "CERTIFICATE_EXPIRED");
}

async function unavailableAsOurs<T>(asking: Promise<T>): Promise<T> {
  try {
    return await asking;
  } catch (cause) {
    if (cause instanceof JpkiError) throw new RequestError("STATUS_UNAVAILABLE", cause.message, { cause });
    throw cause;
  }
}
