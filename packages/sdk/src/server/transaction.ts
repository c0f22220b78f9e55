import type { Assurance } from "./assurance.ts";
import type { ItemName } from "./items.ts";
import { open, seal } from "./sealed.ts";
import type { Expectation } from "./what-is-asked.ts";
import { XidError } from "./xid-error.ts";

/** What has to be remembered between `start` and `finish`. */
export type Transaction = Expectation & {
  assurance?: Assurance;
  state: string;
  nonce: string;
  codeVerifier: string;
  required: ItemName[];
  /** Milliseconds since 1970. */
  startedAt: number;
};

/** May be kept in a cookie (sealed.ts). Under 1 kB. */
export function sealTransaction(transaction: Transaction, key: Uint8Array): Promise<string> {
  return seal("xid-transaction", transaction, key);
}

/**
 * Throws WRONG_BROWSER when there is none or when it was not sealed with this key, EXPIRED when older than `lifetime`
 * (milliseconds). Does not know whether it was used before: the provider redeems a code once.
 */
export async function openTransaction(
  sealed: string | undefined,
  key: Uint8Array,
  now: number,
  lifetime: number,
): Promise<Transaction> {
  if (!sealed) throw new XidError("WRONG_BROWSER", "this session began no transaction");
  const transaction = (await open("xid-transaction", sealed, key)) as Transaction;
  const age = now - transaction.startedAt;
  if (age > lifetime) throw new XidError("EXPIRED", "the transaction took too long");
  return transaction;
}
