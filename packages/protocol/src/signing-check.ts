import { fromBase64url, toBase64url } from "./bytes.ts";
import { canonicalJson, sha256 } from "./canonical.ts";
import { maxSignedFileSize } from "./document-signature.ts";
import { ProtocolError } from "./error.ts";
import type { EcJwk } from "./jws.ts";
import type { RequestDisplay } from "./messages.ts";
import { layoutWarnings } from "./signature-layout.ts";

export type SigningDisplay = Extract<RequestDisplay, { kind: "document_signature" }>;

/**
 * What was rendered, as canonical JSON: who asks, the layout with every fact and the warning below it, and which document. It
 * is the content of a JWS and of a CMS signature without data; every other signature has its SHA-256 as a signed attribute.
 */
export function signedContent({ requestId, client, purpose, signing }: SigningDisplay): Uint8Array<ArrayBuffer> {
  const { layout, document, signedAt } = signing;
  const warning = layoutWarnings[layout.layout];
  return canonicalJson({
    typ: "xid-signed-content-v1",
    requestId,
    client,
    purpose,
    layout,
    ...(warning && { warning }),
    document,
    signedAt,
  });
}

/**
 * Signed attribute that holds the SHA-256 of `signedContent`: content-identifier (RFC 2634 section 2.7, ETSI EN 319 122-1), an OCTET
 * STRING. One of our own under a UUID (2.25, X.667) cannot be read by GnuTLS, whose arcs end at 64 bits.
 */
export const shownAttributeType = "1.2.840.113549.1.9.16.2.7";

/** What the approval names of a document: the digest of what was shown, by the algorithm that it was named with. */
export function shownDocumentDigest(display: SigningDisplay): string {
  const { document } = display.signing;
  return document.form === "none" ? toBase64url(sha256(signedContent(display))) : document.digest;
}

export type CheckedSigning = {
  /** What the device's signing key is to sign: these octets and no others. */
  toBeSigned: Uint8Array<ArrayBuffer>;
  /** Of a PDF the whole file that the signature will be over. It is this file that must be shown, not only what it began with. */
  file: Uint8Array | undefined;
};

/**
 * Makes sure that the device does not sign blindly: that `toBeSigned` commits to everything that `display` holds, names this
 * device's own key, and, of a PDF, to every octet of `file` but the empty space for the signature; and that `file` begins with
 * the document that `display` names. Throws `ProtocolError("SIGNING_MISMATCH")`.
 *
 * Not checked: what the pages of `file` show (a viewer's part, which must be given this very file), and whether the
 * certificate is good (the platform's).
 */
export function checkSigning(
  display: SigningDisplay,
  { publicJwk, file }: { publicJwk: EcJwk; file?: Uint8Array | undefined },
): CheckedSigning {
  const { toBeSigned, messageDigest } = checkToBeSigned(display, publicJwk);
  const { document } = display.signing;
  if (document.form !== "pdf") return { toBeSigned, file: undefined };
  if (!messageDigest || !same(messageDigest, signedRange(document, file))) {
    throw mismatch("another document would be signed");
  }
  return { toBeSigned, file };
}

/**
 * The same without the file of a PDF, for whoever has only the record of what was shown: `messageDigest` is the SHA-256 of what
 * a CMS signature is over, undefined for a JWS. Throws `ProtocolError("SIGNING_MISMATCH")`.
 */
export function checkToBeSigned(
  display: SigningDisplay,
  publicJwk: EcJwk,
): { toBeSigned: Uint8Array<ArrayBuffer>; messageDigest: Uint8Array | undefined } {
  const { format, certificate, document } = display.signing;
  const der = fromBase64url(certificate);
  // SubjectPublicKeyInfo of a P-256 key ends with the point, uncompressed (RFC 5480 section 2.2).
  const point = concatenate(Uint8Array.of(4), fromBase64url(publicJwk.x), fromBase64url(publicJwk.y));
  if (indexOf(der, point) === -1) throw mismatch("the certificate is of another key");
  const toBeSigned = fromBase64url(display.signing.toBeSigned);
  if ((document.form === "pdf") !== (format === "pdf")) throw mismatch("another form of document");
  if (format === "jws") {
    checkSigningInput(toBeSigned, der, display);
    return { toBeSigned, messageDigest: undefined };
  }
  const messageDigest = checkAttributes(toBeSigned, der, display);
  if (document.form !== "pdf" && !same(messageDigest, digestOfContent(display))) {
    throw mismatch("another document would be signed");
  }
  return { toBeSigned, messageDigest };
}

/** Of what is no file: the relying party's data, or what was shown. */
function digestOfContent(display: SigningDisplay): Uint8Array {
  const { document } = display.signing;
  if (document.form !== "data") return sha256(signedContent(display));
  if (document.algorithm !== "sha-256") throw mismatch("a digest that the key does not sign with");
  return fromBase64url(document.digest);
}

/** SHA-256 of the file without the space for its signature, which is the only place that may change later. */
function signedRange({ size, digest }: { size: number; digest: string }, file: Uint8Array | undefined): Uint8Array {
  if (!file) throw mismatch("the document is not here");
  if (file.length <= size || file.length > maxSignedFileSize + 1024 * 1024)
    throw mismatch("a document of another size");
  if (toBase64url(sha256(file.subarray(0, size))) !== digest) throw mismatch("another document than was shown");
  const appended = latin1(file.subarray(size));
  const [range, ...others] = [...appended.matchAll(/\/ByteRange ?\[ ?(\d{1,9}) (\d{1,9}) (\d{1,9}) (\d{1,9}) *\]/g)];
  if (!range || others.length > 0) throw mismatch("not one place for a signature");
  const [start, gap, after, length] = range.slice(1).map(Number) as [number, number, number, number];
  if (start !== 0 || gap < size || after + length !== file.length)
    throw mismatch("the signature would not be over everything");
  if (!/^<0+>$/.test(appended.slice(gap - size, after - size)))
    throw mismatch("the space for the signature is not empty");
  return sha256.create().update(file.subarray(0, gap)).update(file.subarray(after)).digest();
}

/** Content octets of the OBJECT IDENTIFIERs, in hexadecimal. */
const oids = {
  data: "2a864886f70d010701",
  contentType: "2a864886f70d010903",
  messageDigest: "2a864886f70d010904",
  signingTime: "2a864886f70d010905",
  signingCertificateV2: "2a864886f70d010910022f",
  shown: "2a864886f70d0109100207",
} as const;
const tags = { octetString: 0x04, oid: 0x06, utcTime: 0x17, sequence: 0x30, set: 0x31 } as const;

/** Signed attributes of CMS: these, each once, and none that is not known here (RFC 5652 section 5.3). Returns the message digest. */
function checkAttributes(der: Uint8Array, certificate: Uint8Array, display: SigningDisplay): Uint8Array {
  const attributes = new Map<string, Uint8Array>();
  for (const attribute of elements(whole(der, tags.set))) {
    const [type, values, ...more] = elements(contentOf(attribute, tags.sequence));
    if (!type || !values || more.length > 0) throw mismatch("an attribute out of its form");
    const [value, ...further] = elements(contentOf(values, tags.set));
    const name = hex(contentOf(type, tags.oid));
    if (!value || further.length > 0 || attributes.has(name)) throw mismatch("an attribute twice");
    attributes.set(name, value.der);
  }
  const take = (name: keyof typeof oids): Uint8Array => {
    const value = attributes.get(oids[name]);
    if (!value) throw mismatch(`${name} would not be signed`);
    attributes.delete(oids[name]);
    return value;
  };
  if (hex(whole(take("contentType"), tags.oid)) !== oids.data) throw mismatch("content of another type");
  const messageDigest = whole(take("messageDigest"), tags.octetString);
  const shown = whole(take("shown"), tags.octetString);
  if (!same(shown, sha256(signedContent(display)))) throw mismatch("something else than was shown would be signed");
  checkSigningCertificate(take("signingCertificateV2"), certificate);
  if (display.signing.format === "cms") {
    const time = latin1(whole(take("signingTime"), tags.utcTime));
    if (time !== utcTime(display.signing.signedAt)) throw mismatch("another time would be signed");
  }
  if (attributes.size > 0) throw mismatch("an attribute that nobody knows would be signed");
  return messageDigest;
}

/** RFC 5035 section 3: the first certificate that it names, by SHA-256 as is the default. */
function checkSigningCertificate(der: Uint8Array, certificate: Uint8Array): void {
  const [certificates] = elements(whole(der, tags.sequence));
  const [first, ...others] = certificates ? elements(contentOf(certificates, tags.sequence)) : [];
  const [hash] = first ? elements(contentOf(first, tags.sequence)) : [];
  if (!hash || others.length > 0 || !same(contentOf(hash, tags.octetString), sha256(certificate))) {
    throw mismatch("the signature would be by another certificate");
  }
}

/** The signing input of a JWS whose payload is what was shown, to the letter. */
function checkSigningInput(input: Uint8Array, certificate: Uint8Array, display: SigningDisplay): void {
  const [header, payload, ...more] = latin1(input).split(".");
  if (header === undefined || payload === undefined || more.length > 0) throw mismatch("no signing input of a JWS");
  if (!same(fromBase64url(payload), signedContent(display))) {
    throw mismatch("something else than was shown would be signed");
  }
  const { alg, typ, x5c, iat, ...unknown } = parseHeader(header);
  const named = Array.isArray(x5c) && typeof x5c[0] === "string" ? x5c[0] : "";
  if (alg !== "ES256" || typ !== "JOSE" || Object.keys(unknown).length > 0)
    throw mismatch("a header that nobody knows");
  if (iat !== display.signing.signedAt) throw mismatch("another time would be signed");
  if (named !== base64(certificate)) throw mismatch("the signature would be by another certificate");
}

function parseHeader(part: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(fromBase64url(part)));
    if (typeof header === "object" && header !== null && !Array.isArray(header)) return { ...header };
  } catch (cause) {
    if (cause instanceof ProtocolError) throw cause;
  }
  throw mismatch("a header that is none");
}

type Element = { tag: number; content: Uint8Array; der: Uint8Array };

/** DER elements one after the other, of lengths below 65,536. */
function elements(bytes: Uint8Array): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag, first] = [bytes[at], bytes[at + 1]];
    const octets = first === 0x81 ? 1 : first === 0x82 ? 2 : 0;
    const begin = at + 2 + octets;
    if (tag === undefined || first === undefined || (first >= 0x80 && octets === 0) || begin > bytes.length) {
      throw mismatch("no DER");
    }
    const length = octets === 0 ? first : bytes.subarray(at + 2, begin).reduce((sum, octet) => sum * 256 + octet, 0);
    const end = begin + length;
    if (end > bytes.length || (octets > 0 && length < (octets === 1 ? 0x80 : 0x100))) throw mismatch("no DER");
    found.push({ tag, content: bytes.subarray(begin, end), der: bytes.subarray(at, end) });
    at = end;
  }
  return found;
}

function contentOf({ tag, content }: Element, expected: number): Uint8Array {
  if (tag !== expected) throw mismatch("DER of another kind");
  return content;
}

/** Content of the one element that these octets are. */
function whole(bytes: Uint8Array, expected: number): Uint8Array {
  const [element, ...others] = elements(bytes);
  if (!element || others.length > 0) throw mismatch("no DER");
  return contentOf(element, expected);
}

function utcTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(2, 19).replace(/[-:T]/g, "").concat("Z");
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, at) => octet === other[at]);
}

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  for (let at = 0; at <= bytes.length - part.length; at++)
    if (same(bytes.subarray(at, at + part.length), part)) return at;
  return -1;
}

function concatenate(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (octet) => octet.toString(16).padStart(2, "0")).join("");

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

const base64 = (bytes: Uint8Array): string => btoa(latin1(bytes));

function mismatch(what: string): ProtocolError {
  return new ProtocolError("SIGNING_MISMATCH", what);
}
