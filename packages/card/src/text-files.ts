import { CardError } from "./card-error.ts";
import { type CardPublicKey, digestFor, parsePublicKey, verifySignature } from "./card-public-key.ts";
import { type CardAuthority, verifyCardVerifiableCertificates } from "./card-verifiable-certificate.ts";
import { equalInConstantTime } from "./equal-in-constant-time.ts";
import { decodeText, parseTemplate } from "./template.ts";
import { encodeTlv, parseTlv } from "./tlv.ts";

/** 基本4情報 as the card holds them. */
export type TextAttributes = {
  /** 氏名: U+3000 between family and given name. */
  name: string;
  /** 住所, from the prefecture. */
  address: string;
  /** 生年月日, YYYYMMDD, Gregorian. Digits only are checked: 00 stands where month or day is unknown. */
  birthdate: string;
  /** 性別 (JIS X 0303): 1 male, 2 female, 9 not applicable. */
  gender: "1" | "2" | "9";
};

/** EF 0001, the number's file. The check digit is not checked. */
export function parseMyNumber(file: Uint8Array): string {
  const object = parseTlv(file);
  const number = object.tag === 0xff10 ? decodeText(object.value) : "";
  if (!/^[0-9]{12}$/.test(number)) throw new CardError("MALFORMED_RESPONSE", "not a number of twelve digits");
  return number;
}

/** EF 0002. The table of offsets at its beginning is not looked at. */
export function parseAttributes(file: Uint8Array): TextAttributes {
  const fields = parseTemplate(file, 0xff20);
  return {
    name: fields.text(0xdf22),
    address: fields.text(0xdf23),
    birthdate: fields.text(0xdf24, /^[0-9]{8}$/),
    gender: fields.text(0xdf25, /^[129]$/) as TextAttributes["gender"],
  };
}

/**
 * What shows to somebody who has never seen the card that its issuer wrote the number and the attributes: files of
 * 券面事項入力補助AP as they stand on the card. Who has the number can leave its file out and make it with `myNumberFile`.
 *
 * The record is as secret as the My Number, also where only attributes are shown with it: its digest is of nothing but the
 * number, and one graphics card tries all numbers in minutes.
 */
export type SignedText = {
  /** EF 0001, 17 bytes, filler included. */
  myNumber?: Uint8Array;
  /** EF 0002. */
  attributes?: Uint8Array;
  /** EF 0003, the integrity record: digests of both, signed. */
  record: Uint8Array;
  /** EF 0004, the card-verifiable certificate of the key that signed it. */
  certificate: Uint8Array;
};

/** What the issuer's signature covers, of what was given. */
export type VerifiedText = {
  myNumber?: string;
  attributes?: TextAttributes;
  /** 鍵ID of the key that signed, in hexadecimal; its first five digits, as ASCII, are the municipality's. */
  issuerKeyId: string;
};

/**
 * Verifies certificate, signature and digests, and returns what they prove: `ISSUER_UNKNOWN`, `NOT_AUTHENTIC`,
 * `MALFORMED_RESPONSE` otherwise. It does not show that the card is here now (`verifyPresence`), that it is still
 * valid, nor who holds it: anybody who once read the card can show these files again.
 * @param authorities the issuing system's keys that are trusted; an empty list is a RangeError
 */
export function verifyText(text: SignedText, authorities: readonly CardAuthority[]): VerifiedText {
  const issuer = verifyCardVerifiableCertificates([text.certificate], authorities);
  const record = parseTemplate(text.record, 0xff30);
  verifySignature(issuer.publicKey, record.run(0xdf31, 0xdf32), record.field(0xdf33));
  const verified: VerifiedText = { issuerKeyId: issuer.keyId };
  if (text.myNumber) {
    requireDigest(issuer.publicKey, text.myNumber, record.field(0xdf31));
    verified.myNumber = parseMyNumber(text.myNumber);
  }
  if (text.attributes) {
    requireDigest(
      issuer.publicKey,
      parseTemplate(text.attributes, 0xff20).run(0xdf22, 0xdf23, 0xdf24, 0xdf25),
      record.field(0xdf32),
    );
    verified.attributes = parseAttributes(text.attributes);
  }
  return verified;
}

/** EF 0001 as a card with this number holds it: for `verifyText`. Throws RangeError for other than twelve digits. */
export function myNumberFile(number: string): Uint8Array {
  if (!/^[0-9]{12}$/.test(number)) throw new RangeError("a My Number has twelve digits");
  return Uint8Array.of(...encodeTlv(0xff10, new TextEncoder().encode(number)), 0xff, 0xff);
}

/**
 * EF 0007: the public half of the key with which the card answers a challenge, signed by the issuer. Throws as
 * `verifyText` does.
 */
export function verifyPresenceKey(
  { presenceKey, certificate }: { presenceKey: Uint8Array; certificate: Uint8Array },
  authorities: readonly CardAuthority[],
): CardPublicKey {
  const issuer = verifyCardVerifiableCertificates([certificate], authorities);
  const file = parseTemplate(presenceKey, 0xff50);
  verifySignature(issuer.publicKey, file.run(0xdf51), file.field(0xdf52));
  return parsePublicKey(file.field(0xdf51));
}

function requireDigest(key: CardPublicKey, content: Uint8Array, digest: Uint8Array): void {
  if (equalInConstantTime(digestFor(key, content), digest)) return;
  throw new CardError("NOT_AUTHENTIC", "the record is of other contents");
}
