import { envelopeDigest, ProtocolError } from "@xid/protocol";
import { compactDecrypt, errors, importJWK, type JWK } from "jose";
import { XidError } from "./xid-error.ts";

/**
 * Opens an envelope that an app has made for us (RFC 7516: ECDH-ES, A256GCM; any letter of it changed and it does not
 * open). Who made it is not known by that. Throws ENVELOPE_INVALID.
 *
 * @param keys private P-256 JWKs, any of which may be the one
 * @param contentType what must be inside
 */
export async function openEnvelope(envelope: string, keys: readonly JWK[], contentType: string): Promise<string> {
  const refuse = (why: string, cause?: unknown) => new XidError("ENVELOPE_INVALID", why, { cause });
  requireCompact(envelope);
  for (const key of keys) {
    try {
      const { plaintext, protectedHeader } = await compactDecrypt(envelope, await importJWK(key, "ECDH-ES"), {
        keyManagementAlgorithms: ["ECDH-ES"],
        contentEncryptionAlgorithms: ["A256GCM"],
      });
      if (protectedHeader.cty !== contentType) throw refuse("an envelope with something else");
      return new TextDecoder("utf-8", { fatal: true }).decode(plaintext);
    } catch (cause) {
      if (cause instanceof XidError) throw cause;
      if (!(cause instanceof errors.JOSEError) && !(cause instanceof TypeError)) throw cause;
    }
  }
  throw refuse("none of the keys opens it");
}

/** One spelling only: decoders may pass over what a letter has too much. Returns the digest. */
export function requireCompact(envelope: string): string {
  try {
    return envelopeDigest(envelope);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new XidError("ENVELOPE_INVALID", "not an envelope", { cause });
  }
}
