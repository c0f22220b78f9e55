import { fromBase64url, toBase64url } from "./bytes.ts";
import { sha256 } from "./canonical.ts";
import { ProtocolError } from "./error.ts";

/** `typ` of the issuer's JWT (draft-ietf-oauth-sd-jwt-vc §3.2.1), and `cty` of an envelope with a presentation. */
export const credentialType = "dc+sd-jwt";

/** `typ` of the holder's JWT (RFC 9901 §4.3). */
export const keyBindingType = "kb+jwt";

/** `vct` of the credentials that a platform issues: where its type metadata are (draft-ietf-oauth-sd-jwt-vc §6.3.1). */
export function credentialTypeUri(issuer: string): string {
  return `${issuer}/credentials/person`;
}

/** Characters of a presentation, and disclosures in it. */
const maxLength = 32_768;
const maxDisclosures = 64;

/** One claim that may be shown or not (RFC 9901 §4.2.1). */
export type Disclosure = { encoded: string; name: string; value: unknown };

/** An SD-JWT, taken apart: nothing has been verified. */
export type SdJwt = {
  /** Compact JWS of the issuer. */
  issuerJwt: string;
  disclosures: Disclosure[];
  /** Compact JWS of the holder; null in a credential that is not presented yet. */
  keyBindingJwt: string | null;
};

/** @param salt 16 random bytes, of this one claim */
export function makeDisclosure(salt: Uint8Array, name: string, value: unknown): Disclosure {
  const encoded = toBase64url(new TextEncoder().encode(JSON.stringify([toBase64url(salt), name, value])));
  return { encoded, name, value };
}

/** What the issuer signs of a disclosure (RFC 9901 §4.2.3). */
export function disclosureDigest({ encoded }: Pick<Disclosure, "encoded">): string {
  return digestText(encoded);
}

/** Takes `<JWT>~<disclosure>~…~` with or without a key binding JWT at the end. Throws `ProtocolError("MALFORMED")`. */
export function parseSdJwt(text: string): SdJwt {
  const parts = text.length <= maxLength ? text.split("~") : [];
  const [issuerJwt = "", ...others] = parts;
  const keyBindingJwt = others.pop();
  if (issuerJwt === "" || keyBindingJwt === undefined || others.length > maxDisclosures) {
    throw new ProtocolError("MALFORMED", "not an SD-JWT");
  }
  return { issuerJwt, disclosures: others.map(parseDisclosure), keyBindingJwt: keyBindingJwt || null };
}

/** The issuer's JWT with some of its disclosures, which is what a key binding JWT signs the digest of. */
export function formatSdJwt(issuerJwt: string, disclosures: readonly Pick<Disclosure, "encoded">[]): string {
  return [issuerJwt, ...disclosures.map(({ encoded }) => encoded), ""].join("~");
}

/** `sd_hash` (RFC 9901 §4.3.1). */
export function presentationDigest(withoutKeyBinding: string): string {
  return digestText(withoutKeyBinding);
}

function parseDisclosure(encoded: string): Disclosure {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(fromBase64url(encoded)));
  } catch (cause) {
    throw new ProtocolError("MALFORMED", "not a disclosure", { cause });
  }
  const isOne = Array.isArray(parsed) && parsed.length === 3 && typeof parsed[0] === "string";
  if (!isOne || typeof (parsed as unknown[])[1] !== "string") {
    throw new ProtocolError("MALFORMED", "not the disclosure of a claim");
  }
  const [, name, value] = parsed as [string, string, unknown];
  return { encoded, name, value };
}

function digestText(text: string): string {
  return toBase64url(sha256(new TextEncoder().encode(text)));
}
