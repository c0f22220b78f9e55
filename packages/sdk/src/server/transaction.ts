import { CompactEncrypt, compactDecrypt } from "jose";
import type { ItemName } from "./items.ts";
import type { MyNumberExpectation } from "./my-number.ts";
import { XidError } from "./xid-error.ts";

/** What has to be remembered between `start` and `finish`. */
export type Transaction = {
  state: string;
  nonce: string;
  codeVerifier: string;
  required: ItemName[];
  /** SHA-256 in base64url of what is to be signed with the card. */
  digest?: string;
  /** For what a My Number was asked. */
  myNumber?: MyNumberExpectation;
  /** Milliseconds since 1970. */
  startedAt: number;
};

/** Encrypted (A256GCM), so that it may be kept in a cookie: nobody can read or change it. Under 1 kB. */
export async function sealTransaction(transaction: Transaction, key: Uint8Array): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(transaction)))
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", typ: "xid-transaction" })
    .encrypt(key);
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
  const transaction = await decrypt(sealed, key);
  const age = now - transaction.startedAt;
  if (age > lifetime) throw new XidError("EXPIRED", "the transaction took too long");
  return transaction;
}

async function decrypt(sealed: string, key: Uint8Array): Promise<Transaction> {
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: ["dir"],
      contentEncryptionAlgorithms: ["A256GCM"],
    });
    if (protectedHeader.typ !== "xid-transaction") throw new TypeError("another kind of JWE");
    return JSON.parse(new TextDecoder().decode(plaintext));
  } catch (cause) {
    throw new XidError("WRONG_BROWSER", "this transaction was not begun here", { cause });
  }
}
