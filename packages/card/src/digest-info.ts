export type DigestAlgorithm = "SHA-256" | "SHA-384" | "SHA-512";

/** Last byte of the object identifier 2.16.840.1.101.3.4.2.x. */
const arcs: Record<DigestAlgorithm, number> = { "SHA-256": 1, "SHA-384": 2, "SHA-512": 3 };

/** DER of DigestInfo (RFC 8017 §9.2 note 1), up to 108 bytes of digest: the card's face has three in one. */
export function digestInfo(algorithm: DigestAlgorithm, digest: Uint8Array): Uint8Array<ArrayBuffer> {
  if (digest.length > 108) throw new RangeError("too long for this DigestInfo");
  const identifier = [
    0x30,
    0x0d,
    0x06,
    0x09,
    0x60,
    0x86,
    0x48,
    0x01,
    0x65,
    0x03,
    0x04,
    0x02,
    arcs[algorithm],
    0x05,
    0x00,
  ];
  return Uint8Array.of(0x30, identifier.length + 2 + digest.length, ...identifier, 0x04, digest.length, ...digest);
}
