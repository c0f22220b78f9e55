import { constants, createHash, type KeyObject, privateEncrypt } from "node:crypto";
import { digestInfo } from "../digest-info.ts";
import { encodeTlv } from "../tlv.ts";
import { birthNumber, verificationNumberB } from "../verification-number.ts";
import { firstUseFile, transparentFile, unknownFile, verificationNumberFile } from "./card-files.ts";
import type { CardApplication, CardFile, PrintedContents } from "./card-state.ts";
import { encodeKeyId } from "./card-verifiable-certificate.ts";
import { drawText } from "./draw-text.ts";
import { portrait } from "./portrait.ts";
import { encodePublicKey, isDraftKey, signRecord } from "./record-signature.ts";
import { encodeWithOffsets } from "./text-files.ts";

const ascii = (text: string) => Buffer.from(text, "ascii");

/** 券面事項確認AP: the birth date opens the age, 照合番号B the face, 照合番号A the face and the My Number as a picture. */
export function visualFiles(printed: PrintedContents): CardApplication["files"] {
  return {
    ...printedFiles,
    "0003": transparentFile(encodeBasicInformation(printed.municipalityCode), null),
    "0004": firstUseFile("transparent", null),
    "0006": unknownFile(["0012", "0013"]),
    ...visualVerificationNumbers(printed),
    default: firstUseFile("key", null),
  };
}

/** The birth date, 照合番号B and A with all tries. */
export function visualVerificationNumbers(printed: PrintedContents): CardApplication["files"] {
  return {
    "0011": verificationNumberFile(birthNumber(printed.birthdate)),
    "0012": verificationNumberFile(verificationNumberB(printed)),
    "0013": verificationNumberFile(printed.myNumber),
  };
}

/** What the issuer draws and signs when it is first read. */
export const printedFiles: Record<string, CardFile> = {
  "0001": firstUseFile("transparent", ["0011"]),
  "0002": firstUseFile("transparent", ["0012", "0013"]),
  "0005": firstUseFile("transparent", ["0013"]),
};

/** The card's own key, whose public half every record carries, and the issuer's, which signs them. */
export type RecordKeys = { card: KeyObject; issuer: KeyObject };

/** EF 0001: FF10 with the birth date, the card's key and the issuer's signature over both objects. */
export function encodeAgeRecord({ birthdate }: PrintedContents, { card, issuer }: RecordKeys): Uint8Array {
  const signed = Buffer.concat([encodeTlv(0xdf11, ascii(birthdate)), encodeTlv(0xdf12, encodePublicKey(card))]);
  return encodeTlv(0xff10, Buffer.concat([signed, encodeTlv(0xdf13, signRecord(signed, issuer))]));
}

/**
 * EF 0002: FF20, the face of the card. One signature over three digests at once: of birth date, sex and key; of the drawn
 * name and address; of the portrait. Expiry and security code come after it and are not signed.
 */
export function encodeFace(printed: PrintedContents, { card, issuer }: RecordKeys): Uint8Array {
  const birthdate = encodeTlv(0xdf22, ascii(printed.birthdate));
  const gender = encodeTlv(0xdf23, ascii(printed.gender));
  const key = encodeTlv(0xdf24, encodePublicKey(card));
  const name = encodeTlv(0xdf25, drawText(printed.name, { height: 24, lineWidth: 480 }));
  const address = encodeTlv(0xdf26, drawText(printed.address, { height: 16, lineWidth: 448 }));
  const photo = encodeTlv(0xdf27, portrait(printed.portrait));
  const segments = [Buffer.concat([birthdate, gender, key]), Buffer.concat([name, address]), photo];
  return encodeWithOffsets(0xff20, 0xdf21, [
    ...[birthdate, gender, key, name, address, photo],
    encodeTlv(0xdf28, signSegments(segments, issuer)),
    encodeTlv(0xdf29, ascii(printed.expiry)),
    encodeTlv(0xdf2a, drawText(printed.securityCode, { height: 12, lineWidth: 24 })),
  ]);
}

/** One signature for all, so made that a verifier may be shown the digest of a part in its place. */
function signSegments(segments: Uint8Array[], issuer: KeyObject): Uint8Array {
  const algorithm = isDraftKey(issuer) ? "sha384" : "sha256";
  const digests = Buffer.concat(segments.map((segment) => createHash(algorithm).update(segment).digest()));
  if (isDraftKey(issuer)) return signRecord(digests, issuer);
  return privateEncrypt({ key: issuer, padding: constants.RSA_PKCS1_PADDING }, digestInfo("SHA-256", digests));
}

/** EF 0005: FF40 with the drawn My Number, 72 by 12 pixels, the card's key and the issuer's signature over both objects. */
export function encodeMyNumberImage({ myNumber }: PrintedContents, { card, issuer }: RecordKeys): Uint8Array {
  const image = drawText(myNumber, { height: 12, lineWidth: 72 });
  const signed = Buffer.concat([encodeTlv(0xdf41, image), encodeTlv(0xdf42, encodePublicKey(card))]);
  return encodeTlv(0xff40, Buffer.concat([signed, encodeTlv(0xdf43, signRecord(signed, issuer))]));
}

/**
 * EF 0003: FF30 with layout and vendor (DF31; the vendor FF is ours), a key id (DF32), a version (DF33), the municipality
 * (DF34), and a key id with 256 bytes of which nobody knows what they are (DF35).
 */
function encodeBasicInformation(municipalityCode: string): Uint8Array {
  const unknown = new Uint8Array(256).fill(0x53);
  return encodeTlv(
    0xff30,
    Buffer.concat([
      encodeTlv(0xdf31, Uint8Array.of(0x06, 0x03, 0xff, 0x01)),
      encodeTlv(0xdf32, encodeKeyId("9000024", "001")),
      encodeTlv(0xdf33, Uint8Array.of(0)),
      encodeTlv(0xdf34, ascii(municipalityCode)),
      encodeTlv(0xdf35, Buffer.concat([encodeKeyId("9900025", "001"), unknown])),
    ]),
  );
}
