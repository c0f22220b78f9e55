import { sha256 } from "@noble/hashes/sha2.js";
import canonicalize from "canonicalize";
import { toBase64url } from "./bytes.ts";

/** JSON Canonicalization Scheme (RFC 8785), as UTF-8. */
export function canonicalJson(value: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(canonicalize(value) as string);
}

/** base64url SHA-256 of the canonical form: what is signed when "the same content" must be provable. */
export function contentDigest(value: object): string {
  return toBase64url(sha256(canonicalJson(value)));
}

export { sha256 };
