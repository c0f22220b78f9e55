import type { ApprovalStatement } from "@xid/protocol";

/** How the device made sure of its holder, and when (milliseconds since 1970). */
export type Verification = { how: ApprovalStatement["userVerification"]; at: number };

/** Seconds for which an unlocking also stands behind an approval. */
export const verificationLifetime = 120;

export function isFresh(verification: Verification | null, now: number): verification is Verification {
  if (!verification) return false;
  const age = now - verification.at;
  return age >= 0 && age <= verificationLifetime * 1000;
}
