import { createHash } from "node:crypto";
import { type EvidenceRevocationList, fromBase64url } from "@xid/protocol";
import { EvidenceError } from "./evidence-error.ts";
import type { Status } from "./records.ts";

/**
 * The lists that a status rests on: those in a file, or of `given` those that it names. Throws `EvidenceError` `MALFORMED` on any other
 * list that came along.
 */
export function listsNamed(
  { revocationLists }: { revocationLists: readonly EvidenceRevocationList[] },
  status: Status | undefined,
  given: readonly Uint8Array[],
): readonly Uint8Array[] {
  const named = status?.kind === "crl" ? Buffer.from(status.listDigest, "base64") : undefined;
  return revocationLists.flatMap((list) => {
    const digest = typeof list === "string" ? sha256(fromBase64url(list)) : Buffer.from(list.sha256, "hex");
    if (!named?.equals(digest)) throw new EvidenceError("MALFORMED", "a revocation list that the record does not name");
    if (typeof list === "string") return [fromBase64url(list)];
    return given.filter((der) => der.length === list.size && sha256(der).equals(digest));
  });
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
