/** Identifier octets (X.690 8.1.2) of the types that PKIX uses. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
} as const;

/** Context-specific tag `[number]`, primitive (implicitly tagged simple types). */
export const context = (number: number): number => 0x80 | number;

/** Context-specific tag `[number]`, constructed (explicit tags, implicitly tagged SEQUENCE and SET). */
export const contextConstructed = (number: number): number => 0xa0 | number;
