import { encodeTlv } from "../tlv.ts";

/** DigestInfo (RFC 8017 §9.2) of SHA-256, NULL parameters present; the digest may be longer, as the card's face has it. */
export function digestInfo(digest: Uint8Array): Uint8Array<ArrayBuffer> {
  const algorithm = encodeTlv(0x30, Buffer.from("06096086480165030402010500", "hex"));
  return encodeTlv(0x30, Buffer.concat([algorithm, encodeTlv(0x04, digest)]));
}
