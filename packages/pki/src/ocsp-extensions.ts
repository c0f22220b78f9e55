import type { DerReader } from "./der/reader.ts";
import { contextConstructed, tags } from "./der/tags.ts";
import { readExtensionList } from "./extensions.ts";
import { PkiError } from "./pki-error.ts";

export const ocspNonceId = "1.3.6.1.5.5.7.48.1.2";

/** Extensions under an explicit tag, of which none may be critical: none is understood. */
export function skipOcspExtensions(reader: DerReader, tag: number): void {
  readExtensions(reader, tag, refuseCritical);
}

/** The nonce among the extensions of a whole request or response. */
export function readOcspNonce(reader: DerReader, tag: number): Buffer | undefined {
  let nonce: Buffer | undefined;
  readExtensions(reader, tag, (id, critical, value) => {
    if (id !== ocspNonceId) return refuseCritical(id, critical);
    nonce = value.content(tags.octetString);
    value.finish();
  });
  return nonce;
}

function readExtensions(
  reader: DerReader,
  tag: number,
  each: (id: string, critical: boolean, value: DerReader) => void,
): void {
  const explicit = reader.enter(contextConstructed(tag));
  readExtensionList(explicit, each);
  explicit.finish();
}

function refuseCritical(id: string, critical: boolean): void {
  if (critical) throw new PkiError("UNKNOWN_CRITICAL_EXTENSION", `critical OCSP extension ${id}`);
}
