import { z } from "zod";
import { toBase64url } from "./bytes.ts";
import { contentDigest } from "./canonical.ts";
import { type EncryptionKey, type EnvelopeCrypto, sealEnvelope } from "./envelope.ts";
import { ProtocolError } from "./error.ts";
import { type EcJwk, type SigningKey, signJws } from "./jws.ts";
import type { Attributes, RequestDisplay } from "./messages.ts";
import { type MyNumberPurpose, myNumberPurposes } from "./my-number-purposes.ts";

/** `type` of the member of `authorization_details` (RFC 9396) that asks for a person's My Number. */
export const myNumberType = "urn:xid:my-number";

/** `typ` of the JWS inside the envelope, and the envelope's `cty`. */
export const handOverType = "xid-my-number+jwt";

/** Characters of an envelope that the platform passes on. */
export const maxHandOverSize = 16_384;

const base64url = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/);
const cardFile = base64url(2048);

export const MyNumberPurposeCode = z.enum(Object.keys(myNumberPurposes) as [MyNumberPurpose, ...MyNumberPurpose[]]);

/** 128 to 512 bits that the relying party drew for this request and remembers. */
export const HandOverNonce = base64url(86).min(22);

/** The member of `authorization_details`. */
export const MyNumberDetail = z.strictObject({
  type: z.literal(myNumberType),
  purpose: MyNumberPurposeCode,
  nonce: HandOverNonce,
});
export type MyNumberDetail = z.infer<typeof MyNumberDetail>;

/**
 * 券面事項入力補助AP's files as they stand on the card (base64url): the number (EF 0001), the attributes (EF 0002), and what
 * the card's issuer signed over both (EF 0003) with the certificate of its key (EF 0004). The record is as secret as the
 * number: its digest gives the number away to whoever tries all of them.
 */
export const CardText = z.strictObject({
  myNumber: cardFile,
  attributes: cardFile,
  record: cardFile,
  certificate: cardFile,
});
export type CardText = z.infer<typeof CardText>;

/** What is inside the envelope, and signed by a key that was made for it: nothing of it is anywhere else. */
export const HandOver = z.strictObject({
  clientId: z.string().max(256),
  requestId: z.string().max(128),
  purpose: MyNumberPurposeCode,
  lawVersion: z.string().max(64),
  nonce: HandOverNonce,
  card: CardText,
  /** Seconds since 1970, by the device's clock. */
  time: z.number().int(),
});
export type HandOver = z.infer<typeof HandOver>;

/** What goes through the platform: an envelope for the relying party alone, and the thumbprint of the key that signed inside it. */
export const SealedHandOver = z.strictObject({
  /** JWE compact serialization. */
  envelope: z
    .string()
    .max(maxHandOverSize)
    .regex(/^[A-Za-z0-9_.-]+$/),
  /** RFC 7638 */
  holderKey: base64url(43).length(43),
});
export type SealedHandOver = z.infer<typeof SealedHandOver>;

/** RFC 7638, of a P-256 key. */
export function keyThumbprint({ crv, kty, x, y }: EcJwk): string {
  return contentDigest({ crv, kty, x, y });
}

/**
 * Signs what the card gave for exactly what was shown, and encrypts it to the relying party. The caller has verified what
 * the card's issuer signed, and that it is the person of `display` (`requireSamePerson`).
 *
 * @param recipientKey the relying party's own (`requireOwnKey`)
 * @param holderKey made for this one envelope: the approval names it, so that it is this device's word and tells nobody
 * which other envelopes are of the same device
 * @param now milliseconds since 1970
 */
export async function sealHandOver(
  display: Extract<RequestDisplay, { kind: "my_number" }>,
  card: { [File in keyof CardText]: Uint8Array },
  { recipientKey, holderKey, now, crypto }: HandOverMeans,
): Promise<SealedHandOver> {
  const { purpose, lawVersion, nonce } = display.handOver;
  const handOver: HandOver = {
    clientId: display.client.clientId,
    requestId: display.requestId,
    purpose,
    lawVersion,
    nonce,
    card: {
      myNumber: toBase64url(card.myNumber),
      attributes: toBase64url(card.attributes),
      record: toBase64url(card.record),
      certificate: toBase64url(card.certificate),
    },
    time: Math.floor(now / 1000),
  };
  const { kty, crv, x, y } = holderKey.publicJwk;
  const signed = await signJws({ typ: handOverType, jwk: { kty, crv, x, y } }, handOver, holderKey);
  const envelope = await sealEnvelope(recipientKey, handOverType, new TextEncoder().encode(signed), crypto);
  return { envelope, holderKey: keyThumbprint(holderKey.publicJwk) };
}

type HandOverMeans = {
  recipientKey: EncryptionKey;
  holderKey: SigningKey;
  now: number;
  /** Where there is no WebCrypto. */
  crypto?: EnvelopeCrypto;
};

/** 基本4情報 as 券面事項入力補助AP holds them: birthdate as YYYYMMDD, gender as in JIS X 0303. */
export type AttributesOfCard = { name: string; address: string; birthdate: string; gender: "1" | "2" | "9" };

/**
 * That a card's attributes are those which the platform has verified for the person: all four, letter by letter but for
 * width and spaces. Throws `ProtocolError("OTHER_PERSON")` with the names of those that differ, never with their values.
 */
export function requireSamePerson(card: AttributesOfCard, verified: Attributes): void {
  const genders = { male: "1", female: "2", unknown: "9" } as const;
  const expected: AttributesOfCard = {
    name: verified.name,
    address: verified.address,
    birthdate: verified.birthdate.replaceAll("-", ""),
    gender: genders[verified.gender],
  };
  const differing = (["name", "birthdate", "gender", "address"] as const).filter(
    (name) => comparable(card[name]) !== comparable(expected[name]),
  );
  if (differing.length > 0) throw new ProtocolError("OTHER_PERSON", `the card says another ${differing.join(", ")}`);
}

function comparable(text: string): string {
  return text.normalize("NFKC").replaceAll(/\s/g, "");
}
