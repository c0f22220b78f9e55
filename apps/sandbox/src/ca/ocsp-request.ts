import { type Element, elements, tags } from "./der.ts";

/** What one question is about (CertID, RFC 6960 §4.1.1). Hashes in lower-case hexadecimal; `der` is to be sent back. */
export type AskedId = { hash: string; issuerNameHash: string; issuerKeyHash: string; serial: string; der: Uint8Array };

/** `nonce` is the whole extension in DER, to be sent back. */
export type OcspRequest = { ids: AskedId[]; nonce: Uint8Array | undefined };

const maximumQuestions = 32;
const nonceType = "2b0601050507300102";
const nonceSizes = { minimum: 1, maximum: 128 };
const hashes: Record<string, string> = {
  "2b0e03021a": "sha1",
  "608648016503040201": "sha256",
  "608648016503040202": "sha384",
  "608648016503040203": "sha512",
};

/**
 * Reads an OCSPRequest; undefined for what is none, or asks too much. Neither its signature nor who asks is looked at, nor any
 * extension but the nonce. A hash that we don't know is "".
 */
export function parseOcspRequest(der: Uint8Array): OcspRequest | undefined {
  try {
    const [tbsRequest] = inside(der, only(elements(der, 0, der.length), tags.sequence));
    const fields = inside(der, tbsRequest);
    // version [0], requestorName [1], requestList, requestExtensions [2]
    if (!/^(?:160,)?(?:161,)?48(?:,162)?$/.test(fields.map(({ tag }) => tag).join())) return undefined;
    const list = fields.find(({ tag }) => tag === tags.sequence);
    const ids = inside(der, list).map((request) => readId(der, inside(der, request)[0]));
    const extensions = fields.find(({ tag }) => tag === 0xa2);
    const nonce = extensions && readNonce(der, only(inside(der, extensions), tags.sequence));
    return ids.length > 0 && ids.length <= maximumQuestions ? { ids, nonce } : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readId(der: Uint8Array, certId: Element | undefined): AskedId {
  const [algorithm, name, key, serial, ...more] = inside(der, certId);
  if (more.length > 0) throw new RangeError("more than a CertID has");
  const [type] = inside(der, algorithm);
  return {
    hash: hashes[contents(der, type, tags.objectIdentifier)] ?? "",
    issuerNameHash: contents(der, name, tags.octetString),
    issuerKeyHash: contents(der, key, tags.octetString),
    serial: contents(der, serial, tags.integer),
    der: der.subarray(certId!.start, certId!.end),
  };
}

/** RFC 9654 §2.1: an OCTET STRING of 1 to 128 octets. Throws RangeError for another. */
function readNonce(der: Uint8Array, extensions: Element): Uint8Array | undefined {
  for (const extension of inside(der, extensions)) {
    const parts = inside(der, extension);
    if (contents(der, parts[0], tags.objectIdentifier) !== nonceType) continue;
    const value = parts.at(-1)!;
    if (value.tag !== tags.octetString) throw new RangeError("an extension without a value");
    const nonce = only(elements(der, value.contents, value.end), tags.octetString);
    const size = nonce.end - nonce.contents;
    if (size < nonceSizes.minimum || size > nonceSizes.maximum) throw new RangeError("a nonce of another size");
    return der.subarray(extension.start, extension.end);
  }
  return undefined;
}

/** The elements of a SEQUENCE or of an explicit tag. */
function inside(der: Uint8Array, element: Element | undefined): Element[] {
  if (!element || (element.tag & 0x20) === 0) throw new RangeError("nothing is in it");
  return elements(der, element.contents, element.end);
}

function only(found: Element[], tag: number): Element {
  const [first] = found;
  if (found.length !== 1 || first?.tag !== tag) throw new RangeError("one element expected");
  return first;
}

/** Contents in hexadecimal. */
function contents(der: Uint8Array, element: Element | undefined, tag: number): string {
  if (element?.tag !== tag) throw new RangeError("another type");
  return Buffer.from(der.buffer, der.byteOffset + element.contents, element.end - element.contents).toString("hex");
}
