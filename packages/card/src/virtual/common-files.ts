import type { CardContents } from "./card-contents.ts";
import { firstUseFile, pinFile, recordFile } from "./card-files.ts";
import type { CardApplication } from "./card-state.ts";
import { encodeKeyId } from "./card-verifiable-certificate.ts";

/** The key reference that 共通カードAP and 住基AP both have, as the record of a record file. */
const keyReference = recordFile(Buffer.concat([Uint8Array.of(0x01, 16), encodeKeyId("9000010", "001")]));

/** 共通カードAP. Its PIN is the same number as 住基AP's, kept and counted apart. */
export function commonFiles({ card, pins }: CardContents): CardApplication["files"] {
  return {
    "0001": recordFile(encodeCardInformation(card)),
    "0002": keyReference,
    "0019": firstUseFile("key", null),
    "001c": pinFile("residentRegister", pins.residentRegister ?? pins.text),
  };
}

/** 住基AP, as far as it is publicly known. */
export function residentRegisterFiles({ pins }: CardContents): CardApplication["files"] {
  return {
    "0002": keyReference,
    "001c": pinFile("residentRegister", pins.residentRegister ?? pins.text),
    delivery: { kind: "key", use: "delivery", privateKey: null, openedBy: [] },
  };
}

/** Record 1 of EF 0001 of 共通カードAP: simple-TLV 01, 28 digits. */
export function encodeCardInformation(card: CardContents["card"]): Uint8Array {
  const digits = card.serialNumber + card.municipalityCode + card.expiry;
  const sizes = [card.serialNumber.length, card.municipalityCode.length, card.expiry.length];
  if (sizes.join() !== "15,5,8" || !/^[0-9]{28}$/.test(digits)) {
    throw new TypeError("serial number, municipality code and expiry have 15, 5 and 8 digits");
  }
  return Uint8Array.of(0x01, digits.length, ...new TextEncoder().encode(digits));
}
