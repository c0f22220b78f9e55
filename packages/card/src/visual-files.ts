import { CardError } from "./card-error.ts";
import { type CardPublicKey, parsePublicKey, verifySegments, verifySignature } from "./card-public-key.ts";
import { type CardAuthority, verifyCardVerifiableCertificates } from "./card-verifiable-certificate.ts";
import { parseTemplate, type Template } from "./template.ts";

/** EF 0001 of 券面事項確認AP, opened by the birth date alone: for a shop that wants to know an age. */
export type AgeRecord = {
  /** YYYYMMDD, Gregorian. */
  birthdate: string;
  /** The public half of the key with which the card answers a challenge. */
  presenceKey: CardPublicKey;
};

/** EF 0002: the card's face. Pictures as they are on the card. */
export type CardFace = AgeRecord & {
  /** 1 male, 2 female, 9 not applicable. */
  gender: "1" | "2" | "9";
  /** 氏名 and 住所 as printed, PNG: with the characters that no text on the chip has. */
  name: Uint8Array;
  address: Uint8Array;
  /** 顔写真, JPEG 2000 (JP2), grey. */
  portrait: Uint8Array;
};

/** What stands in EF 0002 beside the face, and is not under its signature. */
export type UnsignedFace = {
  /** 有効期限, YYYYMMDD. */
  expiry: string;
  /** セキュリティコード, PNG. */
  securityCode: Uint8Array;
};

/** EF 0005: 個人番号 as a picture. */
export type MyNumberImage = {
  /** PNG. */
  image: Uint8Array;
  presenceKey: CardPublicKey;
};

/** A file of 券面事項確認AP as it stands on the card, and EF 0004, the certificate of the key that signed it. */
export type SignedFile = { file: Uint8Array; certificate: Uint8Array };

/** All three parse to what the file says, which is not verified. `MALFORMED_RESPONSE` for another form. */
export function parseAgeRecord(file: Uint8Array): AgeRecord {
  const fields = parseTemplate(file, 0xff10);
  fields.field(0xdf13);
  return { birthdate: fields.text(0xdf11, /^[0-9]{8}$/), presenceKey: parsePublicKey(fields.field(0xdf12)) };
}

export function parseCardFace(file: Uint8Array): CardFace & UnsignedFace {
  const fields = parseTemplate(file, 0xff20);
  fields.field(0xdf28);
  return {
    birthdate: fields.text(0xdf22, /^[0-9]{8}$/),
    gender: fields.text(0xdf23, /^[129]$/) as CardFace["gender"],
    presenceKey: parsePublicKey(fields.field(0xdf24)),
    name: picture(fields, 0xdf25, png),
    address: picture(fields, 0xdf26, png),
    portrait: picture(fields, 0xdf27, jp2),
    expiry: fields.text(0xdf29, /^[0-9]{8}$/),
    securityCode: picture(fields, 0xdf2a, png),
  };
}

export function parseMyNumberImage(file: Uint8Array): MyNumberImage {
  const fields = parseTemplate(file, 0xff40);
  fields.field(0xdf43);
  return { image: picture(fields, 0xdf41, png), presenceKey: parsePublicKey(fields.field(0xdf42)) };
}

/**
 * Verifies that the issuer signed the record, and returns it: `ISSUER_UNKNOWN`, `NOT_AUTHENTIC`, `MALFORMED_RESPONSE`
 * otherwise. It does not show that the card is here now (`verifyPresence` with its key), valid, or whose it is.
 */
export function verifyAgeRecord({ file, certificate }: SignedFile, authorities: readonly CardAuthority[]): AgeRecord {
  const issuer = verifyCardVerifiableCertificates([certificate], authorities);
  const fields = parseTemplate(file, 0xff10);
  verifySignature(issuer.publicKey, fields.run(0xdf11, 0xdf12), fields.field(0xdf13));
  return parseAgeRecord(file);
}

/** The same for the face; what its signature does not cover is left out. Nor does it compare a person with the portrait. */
export function verifyCardFace({ file, certificate }: SignedFile, authorities: readonly CardAuthority[]): CardFace {
  const issuer = verifyCardVerifiableCertificates([certificate], authorities);
  const fields = parseTemplate(file, 0xff20);
  // One signature over three digests, so that name and address, or the portrait, can be shown without the others.
  const segments = [fields.run(0xdf22, 0xdf23, 0xdf24), fields.run(0xdf25, 0xdf26), fields.run(0xdf27)];
  verifySegments(issuer.publicKey, segments, fields.field(0xdf28));
  const { expiry: _, securityCode: __, ...signed } = parseCardFace(file);
  return signed;
}

/** The same for the picture of the My Number. */
export function verifyMyNumberImage(
  { file, certificate }: SignedFile,
  authorities: readonly CardAuthority[],
): MyNumberImage {
  const issuer = verifyCardVerifiableCertificates([certificate], authorities);
  const fields = parseTemplate(file, 0xff40);
  verifySignature(issuer.publicKey, fields.run(0xdf41, 0xdf42), fields.field(0xdf43));
  return parseMyNumberImage(file);
}

const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const jp2 = [0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50, 0x20, 0x20, 0x0d, 0x0a, 0x87, 0x0a];

/** Only the beginning is looked at: what draws it has to bear any bytes. */
function picture(fields: Template, tag: number, beginning: number[]): Uint8Array {
  const bytes = fields.field(tag);
  if (beginning.some((byte, index) => bytes[index] !== byte)) {
    throw new CardError("MALFORMED_RESPONSE", "a picture of another format");
  }
  return bytes;
}
