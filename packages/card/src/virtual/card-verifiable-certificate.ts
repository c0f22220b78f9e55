import type { KeyObject } from "node:crypto";
import { encodeTlv } from "../tlv.ts";
import { encodePublicKey, signRecord } from "./record-signature.ts";

/**
 * 鍵ID in 16 bytes: seven digits that name the key, 08 05, three digits, padding.
 * Real ones begin with 5 and test cards' with 6; the first digit 9 is this simulator's own.
 */
export function encodeKeyId(number: string, group: string, lastByte = 0): Uint8Array {
  if (!/^[0-9]{7}$/.test(number) || !/^[0-9]{3}$/.test(group)) throw new TypeError("not a key id");
  return Buffer.concat([
    Buffer.from(number, "ascii"),
    Uint8Array.of(0x08, 0x05),
    Buffer.from(group, "ascii"),
    Uint8Array.of(0, 0, 0, lastByte),
  ]);
}

/**
 * What a card-verifiable certificate holds: 5F4E with 証明者鍵ID (the signing key's), 被証明者鍵ID and the certified key, and
 * 5F37 with the signature over the value of 5F4E. No dates and no names.
 */
export function certificateContents(
  issuer: { keyId: Uint8Array; privateKey: KeyObject },
  subject: { keyId: Uint8Array; publicKey: KeyObject },
): Uint8Array {
  const body = Buffer.concat([issuer.keyId, subject.keyId, encodePublicKey(subject.publicKey)]);
  return Buffer.concat([encodeTlv(0x5f4e, body), encodeTlv(0x5f37, signRecord(body, issuer.privateKey))]);
}
