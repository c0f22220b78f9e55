import { fromHex } from "../hex.ts";
import { encodeTlv } from "../tlv.ts";
import type { CardContents } from "./card-contents.ts";
import { firstUseFile, transparentFile } from "./card-files.ts";
import { intermediateKeyId } from "./card-issuer.ts";
import type { CardApplication } from "./card-state.ts";
import { encodeKeyId } from "./card-verifiable-certificate.ts";

/** The contact interface's answer to reset; no historical bytes, T=1. */
export const answerToReset = Uint8Array.of(0x3b, 0xe0, 0x00, 0xff, 0x81, 0x31, 0xfe, 0x45, 0x14);

/** What GET DATA gives at the MF level, by tag. There are no EFs. */
export function issuerDomainFiles({ card }: CardContents): CardApplication["files"] {
  const ascii = (text: string) => transparentFile(Buffer.from(text, "ascii"), null);
  return {
    "data-0042": transparentFile(encodeKeyId("9000010", "001"), null),
    "data-0045": ascii(card.serialNumber),
    "data-0066": transparentFile(cardRecognition, null),
    "data-00f0": ascii(card.municipalityCode),
    "data-00f2": ascii(card.expiry),
    "data-00f7": transparentFile(intermediateKeyId, null),
    "data-00f8": firstUseFile("transparent", null),
    "data-7f21": firstUseFile("transparent", null),
    "data-5f51": transparentFile(answerToReset.subarray(1), null),
  };
}

/** GlobalPlatform Card Specification 2.3, Annex H.2: recognition data, version 2.2.1, and secure channel protocol 02. */
const cardRecognition = encodeTlv(
  0x73,
  Buffer.concat([
    fromHex("06072a864886fc6b01")!,
    encodeTlv(0x60, fromHex("060a2a864886fc6b02020201")!),
    encodeTlv(0x63, fromHex("06072a864886fc6b03")!),
    encodeTlv(0x64, fromHex("06092a864886fc6b040255")!),
  ]),
);
