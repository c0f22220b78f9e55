/** base64url without padding (RFC 4648 §5), on every runtime the app runs on (Hermes has no Buffer). */
export function toBase64url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Hexadecimal, as people compare digests, of base64url. */
export function toHex(base64url: string): string {
  return Array.from(fromBase64url(base64url), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Strict: throws `ProtocolError("MALFORMED")` on padding, foreign characters or non-canonical tails. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) {
    throw new ProtocolError("MALFORMED", "not base64url");
  }
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  if (toBase64url(bytes) !== text) throw new ProtocolError("MALFORMED", "not canonical base64url");
  return bytes;
}

import { ProtocolError } from "./error.ts";
