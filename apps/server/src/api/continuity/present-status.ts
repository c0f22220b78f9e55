import type { IdentityStatus as Presented } from "@xid/protocol";
import type { Caller } from "../../http/caller.ts";
import type { IdentityStatus } from "../../identity/identity-status.ts";

/**
 * A status as this caller may have it. Why a certificate was revoked is told to those only whom the law lets verify
 * signatures themselves (公的個人認証法 17条; 52条 limits the use): everybody else hears that something has changed.
 */
export function presentStatus(caller: Caller, accountId: string, status: IdentityStatus): Presented {
  const { receivesCertificates: told, people } = caller;
  return {
    sub: people.subjectOf(accountId),
    status: status.status,
    reason: told ? status.reason : null,
    changedAt: told ? (status.changedAt?.toISOString() ?? null) : null,
    checkedAt: status.checkedAt.toISOString(),
    source: status.source,
  };
}
