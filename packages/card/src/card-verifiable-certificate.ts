import { CardError } from "./card-error.ts";
import { type CardPublicKey, parsePublicKey, verifySignature } from "./card-public-key.ts";
import { toHex } from "./hex.ts";
import { parseTemplate } from "./template.ts";

/** A certificate that cards can check: no names, no dates, no revocation. Parsed is not verified. */
export type CardVerifiableCertificate = {
  /** 証明者鍵ID, the key that signed it: 16 bytes in hexadecimal. */
  authorityKeyId: string;
  /** 被証明者鍵ID, the key that it certifies. */
  keyId: string;
  publicKey: CardPublicKey;
  /** What is signed, and the signature over it. */
  body: Uint8Array;
  signature: Uint8Array;
};

/** A key that the caller trusts to certify cards' issuers, by its 鍵ID in hexadecimal. */
export type CardAuthority = { keyId: string; publicKey: CardPublicKey };

const tags = { certificate: 0x7f21, body: 0x5f4e, signature: 0x5f37 } as const;
const keyIdSize = 16;

/** `MALFORMED_RESPONSE` for all that is not such a certificate with a key of the card. */
export function parseCardVerifiableCertificate(bytes: Uint8Array): CardVerifiableCertificate {
  const template = parseTemplate(bytes, tags.certificate);
  const body = template.field(tags.body);
  return {
    authorityKeyId: toHex(body.subarray(0, keyIdSize)),
    keyId: toHex(body.subarray(keyIdSize, 2 * keyIdSize)),
    publicKey: parsePublicKey(body.subarray(2 * keyIdSize)),
    body,
    signature: template.field(tags.signature),
  };
}

/**
 * Verifies a chain from the card up: the first certificate is of the key that is wanted, each further one of the key
 * that signed the one before, and the last is signed by one of the authorities. Returns the first, verified.
 * `ISSUER_UNKNOWN` when no authority has that key id, `NOT_AUTHENTIC` when a signature is wrong or the chain broken.
 * @param chain at least one certificate, as read from the card
 * @param authorities at least one; an empty list is a RangeError
 */
export function verifyCardVerifiableCertificates(
  chain: readonly Uint8Array[],
  authorities: readonly CardAuthority[],
): CardVerifiableCertificate {
  if (authorities.length === 0) throw new RangeError("no authority to trust");
  const certificates = chain.map(parseCardVerifiableCertificate);
  const [leaf] = certificates;
  if (!leaf) throw new RangeError("no certificate to verify");
  for (const [index, certificate] of certificates.entries()) {
    verifySignature(
      signerOf(certificate, certificates[index + 1], authorities),
      certificate.body,
      certificate.signature,
    );
  }
  return leaf;
}

function signerOf(
  { authorityKeyId }: CardVerifiableCertificate,
  above: CardVerifiableCertificate | undefined,
  authorities: readonly CardAuthority[],
): CardPublicKey {
  if (above) {
    if (above.keyId === authorityKeyId) return above.publicKey;
    throw new CardError("NOT_AUTHENTIC", "the certificates are not a chain");
  }
  const authority = authorities.find(({ keyId }) => keyId === authorityKeyId);
  if (!authority) throw new CardError("ISSUER_UNKNOWN", `no authority has the key ${authorityKeyId}`);
  return authority.publicKey;
}
