import { toHex } from "./hex.ts";
import { parseTemplate } from "./template.ts";

/** EF 0005 of 券面事項入力補助AP: what this application is. Nothing signs it. */
export type TextBasicInformation = {
  /** Byte 1 of DF41; the meanings are not published beyond their names. */
  specificationVersion: number;
  /** Whether the card takes commands of extended length. */
  extendedLength: boolean;
  /** The chip's vendor, and a byte of its own. */
  vendor: number;
  vendorByte: number;
  /** 鍵ID, 16 bytes in hexadecimal. */
  keyId: string;
};

/** EF 0003 of 券面事項確認AP. */
export type VisualBasicInformation = {
  /** DF31: four bytes whose meanings are not published. */
  layout: Uint8Array;
  keyId: string;
  version: number;
  /** 市区町村コード, 5 digits. */
  municipalityCode: string;
};

/** `MALFORMED_RESPONSE` for another form. The 128 bytes whose use nobody knows are not looked at. */
export function parseTextBasicInformation(file: Uint8Array): TextBasicInformation {
  const fields = parseTemplate(file, 0xff40);
  const [specificationVersion, extendedLength, vendor, vendorByte] = fields.field(0xdf41, 4);
  return {
    specificationVersion: specificationVersion!,
    extendedLength: extendedLength !== 0,
    vendor: vendor!,
    vendorByte: vendorByte!,
    keyId: toHex(fields.field(0xdf42, 16)),
  };
}

/** `MALFORMED_RESPONSE` for another form. DF35, a key id and 256 bytes whose use nobody knows, is not looked at. */
export function parseVisualBasicInformation(file: Uint8Array): VisualBasicInformation {
  const fields = parseTemplate(file, 0xff30);
  return {
    layout: fields.field(0xdf31, 4),
    keyId: toHex(fields.field(0xdf32, 16)),
    version: fields.field(0xdf33, 1)[0]!,
    municipalityCode: fields.text(0xdf34, /^[0-9]{5}$/),
  };
}
