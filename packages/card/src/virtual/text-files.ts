import { createHash, type KeyObject } from "node:crypto";
import { encodeTlv, parseTlv } from "../tlv.ts";
import { verificationNumberB } from "../verification-number.ts";
import type { CardContents } from "./card-contents.ts";
import {
  firstUseFile,
  lockedReference,
  pinFile,
  transparentFile,
  unknownFile,
  verificationNumberFile,
} from "./card-files.ts";
import type { CardApplication, PrintedContents } from "./card-state.ts";
import { encodeKeyId } from "./card-verifiable-certificate.ts";
import { encodePublicKey, isDraftKey, signRecord } from "./record-signature.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

const anyNumber = ["0011", "0014", "0015"];

/** 券面事項入力補助AP. 照合番号A is the My Number itself. */
export function textFiles(
  { myNumber, attributes, pins }: CardContents,
  printed: PrintedContents,
): CardApplication["files"] {
  return {
    "0001": transparentFile(encodeMyNumber(myNumber), ["0011", "0014"]),
    ...attributesFiles(attributes),
    "0004": firstUseFile("transparent", null),
    "0005": transparentFile(encodeBasicInformation(), null),
    "0006": firstUseFile("transparent", anyNumber),
    "0007": firstUseFile("transparent", anyNumber),
    "0008": unknownFile(null),
    "0011": pinFile("text", pins.text),
    "0012": lockedReference,
    "0013": firstUseFile("key", null),
    ...textVerificationNumbers(printed),
    delivery: firstUseFile("key", ["0011"]),
  };
}

/** 照合番号A and B with all tries. */
export function textVerificationNumbers(printed: PrintedContents): CardApplication["files"] {
  return {
    "0014": verificationNumberFile(printed.myNumber),
    "0015": verificationNumberFile(verificationNumberB(printed)),
  };
}

/** The attributes, and the record over them, which the issuer signs when it is first read. */
export function attributesFiles(attributes: CardContents["attributes"]): CardApplication["files"] {
  return {
    "0002": transparentFile(encodeAttributes(attributes), ["0011", "0015"]),
    "0003": firstUseFile("transparent", anyNumber),
  };
}

/** EF 0001: FF10 and two bytes of filler, 17 in all. */
export function encodeMyNumber(myNumber: string): Uint8Array {
  if (!/^[0-9]{12}$/.test(myNumber)) throw new TypeError("a My Number has twelve digits");
  return Uint8Array.of(...encodeTlv(0xff10, utf8(myNumber)), 0xff, 0xff);
}

/** EF 0002: FF20 with the offsets, from the file's start, of the four fields behind them. */
export function encodeAttributes({ name, address, birthdate, gender }: CardContents["attributes"]): Uint8Array {
  if (!/^[0-9]{8}$/.test(birthdate)) throw new TypeError("a birth date has eight digits");
  return encodeWithOffsets(0xff20, 0xdf21, [
    encodeTlv(0xdf22, utf8(name)),
    encodeTlv(0xdf23, utf8(address)),
    encodeTlv(0xdf24, utf8(birthdate)),
    encodeTlv(0xdf25, utf8(gender)),
  ]);
}

/** A template that begins with a table of where each of its fields begins, in two bytes, from the template's own start. */
export function encodeWithOffsets(tag: number, tableTag: number, fields: Uint8Array[]): Uint8Array {
  const tableSize = 3 + 2 * fields.length;
  const bodySize = tableSize + fields.reduce((size, field) => size + field.length, 0);
  let offset = encodeTlv(tag, new Uint8Array(bodySize)).length - bodySize + tableSize;
  const offsets = fields.flatMap((field) => {
    const at = offset;
    offset += field.length;
    return [at >> 8, at & 0xff];
  });
  return encodeTlv(tag, Buffer.concat([encodeTlv(tableTag, Uint8Array.from(offsets)), ...fields]));
}

/**
 * EF 0003: FF30 with the digests of the My Number's file, filler included (DF31), and of the attributes without their
 * offset table (DF32), and the issuer's signature over both objects (DF33). SHA-256; SHA-384 in the draft.
 */
export function encodeIntegrityRecord(
  myNumberFile: Uint8Array,
  attributesFile: Uint8Array,
  key: KeyObject,
): Uint8Array {
  const attributes = parseTlv(attributesFile).value;
  const algorithm = isDraftKey(key) ? "sha384" : "sha256";
  const digest = (bytes: Uint8Array) => createHash(algorithm).update(bytes).digest();
  const digests = Buffer.concat([
    encodeTlv(0xdf31, digest(myNumberFile)),
    encodeTlv(0xdf32, digest(attributes.subarray(parseTlv(attributes).size))),
  ]);
  return encodeTlv(0xff30, Buffer.concat([digests, encodeTlv(0xdf33, signRecord(digests, key))]));
}

/**
 * EF 0005: FF40 with version, lengths and vendor (DF41; the vendor FF is ours), a key id (DF42), and 128 bytes of which
 * nobody knows what they are (DF43): 32 and filler.
 */
function encodeBasicInformation(): Uint8Array {
  const unknown = new Uint8Array(128).fill(0xff).fill(0x53, 0, 32);
  return encodeTlv(
    0xff40,
    Buffer.concat([
      encodeTlv(0xdf41, Uint8Array.of(0x01, 0x03, 0xff, 0x01)),
      encodeTlv(0xdf42, encodeKeyId("9000034", "001")),
      encodeTlv(0xdf43, unknown),
    ]),
  );
}

/** EF 0006: A1 with the public key that a session key is encrypted to. */
export function encodeDeliveryKey(key: KeyObject): Uint8Array {
  return encodeTlv(0xa1, encodePublicKey(key));
}

/** EF 0007: FF50 with the public half of the key in EF 0013 (DF51) and the issuer's signature over that object (DF52). */
export function encodeSignedPublicKey(key: KeyObject, issuer: KeyObject): Uint8Array {
  const publicKey = encodeTlv(0xdf51, encodePublicKey(key));
  return encodeTlv(0xff50, Buffer.concat([publicKey, encodeTlv(0xdf52, signRecord(publicKey, issuer))]));
}
