import { CompactEncrypt, compactDecrypt } from "jose";
import { XidError } from "./xid-error.ts";

/** What is sealed, so that one is never taken for another. */
type Kind = "xid-transaction" | "xid-pending-approval";

/** Encrypted (A256GCM), so that it may be kept where others can reach: nobody can read or change it. */
export async function seal(kind: Kind, value: object, key: Uint8Array): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(value)))
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", typ: kind })
    .encrypt(key);
}

/** Throws WRONG_BROWSER when it was not sealed as this kind with this key. */
export async function open(kind: Kind, sealed: string, key: Uint8Array): Promise<unknown> {
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: ["dir"],
      contentEncryptionAlgorithms: ["A256GCM"],
    });
    if (protectedHeader.typ !== kind) throw new TypeError("another kind of JWE");
    return JSON.parse(new TextDecoder().decode(plaintext));
  } catch (cause) {
    throw new XidError("WRONG_BROWSER", "this transaction was not begun here", { cause });
  }
}
