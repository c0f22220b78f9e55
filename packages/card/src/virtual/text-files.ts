import { encodeTlv } from "../tlv.ts";
import type { CardContents } from "./card-contents.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** EF 0001 of the text application: FF10 and two bytes of filler, 17 in all. */
export function encodeMyNumber(myNumber: string): Uint8Array {
  if (!/^[0-9]{12}$/.test(myNumber)) throw new TypeError("a My Number has twelve digits");
  return Uint8Array.of(...encodeTlv(0xff10, utf8(myNumber)), 0xff, 0xff);
}

/** EF 0002: FF20 with the offsets, from the file's start, of the four fields behind them. */
export function encodeAttributes({ name, address, birthdate, gender }: CardContents["attributes"]): Uint8Array {
  if (!/^[0-9]{8}$/.test(birthdate)) throw new TypeError("a birth date has eight digits");
  const fields = [
    encodeTlv(0xdf22, utf8(name)),
    encodeTlv(0xdf23, utf8(address)),
    encodeTlv(0xdf24, utf8(birthdate)),
    encodeTlv(0xdf25, utf8(gender)),
  ];
  const offsetTableSize = 3 + 2 * fields.length;
  const bodySize = offsetTableSize + fields.reduce((size, field) => size + field.length, 0);
  let offset = encodeTlv(0xff20, new Uint8Array(bodySize)).length - bodySize + offsetTableSize;
  const offsets = fields.flatMap((field) => {
    const at = offset;
    offset += field.length;
    return [at >> 8, at & 0xff];
  });
  return encodeTlv(0xff20, Buffer.concat([encodeTlv(0xdf21, Uint8Array.from(offsets)), ...fields]));
}

/** Record 1 of EF 0001 of the common application: simple-TLV 01, 28 digits. */
export function encodeCardInformation(card: CardContents["card"]): Uint8Array {
  const digits = card.serialNumber + card.municipalityCode + card.expiry;
  const sizes = [card.serialNumber.length, card.municipalityCode.length, card.expiry.length];
  if (sizes.join() !== "15,5,8" || !/^[0-9]{28}$/.test(digits)) {
    throw new TypeError("serial number, municipality code and expiry have 15, 5 and 8 digits");
  }
  return Uint8Array.of(0x01, digits.length, ...utf8(digits));
}
