import type { IdentityStatus } from "../identity/identity-status.ts";
import { readIdentityStatuses } from "../identity/read-identity-status.ts";
import type { Platform } from "../platform.ts";
import { transaction } from "../store/database.ts";
import { askAboutIdentities } from "./ask-jlis.ts";
import { writeFindings } from "./write-findings.ts";

/**
 * What is known of at most a thousand people, by account; J-LIS is asked about those of whom that is older than
 * `config.statusMaxAge`, and what it says is kept. Throws `JpkiError` when it does not answer: a stale answer would be none.
 */
export async function refreshIdentities(
  platform: Platform,
  accountIds: readonly string[],
): Promise<Map<string, IdentityStatus>> {
  const known = await readIdentityStatuses(platform, accountIds);
  const now = await platform.jpki.now();
  const stale = [...known].filter(([, { checkedAt }]) => {
    const age = now - checkedAt.getTime();
    // An answer from the future is from a simulated world whose clock was set anew.
    return age < 0 || age > platform.config.statusMaxAge * 1000;
  });
  if (stale.length === 0) return known;
  const findings = await askAboutIdentities(
    platform,
    stale.map(([accountId]) => accountId),
  );
  await transaction(platform.database, (tx) => writeFindings(platform, tx, findings));
  return readIdentityStatuses(platform, accountIds);
}
