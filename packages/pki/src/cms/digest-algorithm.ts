import type { DerReader } from "../der/reader.ts";
import { tags } from "../der/tags.ts";
import { PkiError } from "../pki-error.ts";
import type { HashName } from "../rsa-signature.ts";
import { digestOids } from "./oids.ts";

/** Reads the AlgorithmIdentifier of a hash: no parameters or NULL (RFC 5754 2). Throws `MALFORMED` or `WEAK_ALGORITHM`. */
export function readDigestAlgorithm(reader: DerReader): HashName {
  const identifier = reader.enter(tags.sequence);
  const oid = identifier.oid();
  if (!identifier.done && identifier.content(tags.null).length !== 0) {
    throw new PkiError("MALFORMED", "NULL with content");
  }
  identifier.finish();
  for (const [name, known] of Object.entries(digestOids)) if (known === oid) return name as HashName;
  throw new PkiError("WEAK_ALGORITHM", `hash algorithm ${oid}`);
}
