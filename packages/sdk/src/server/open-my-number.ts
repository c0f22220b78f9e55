import { createPublicKey, timingSafeEqual, verify } from "node:crypto";
import {
  type CardAuthority,
  CardError,
  type TextAttributes,
  type VerifiedText,
  verifyCheckDigit,
  verifyText,
} from "@xid/card";
import {
  decodeJws,
  fromBase64url,
  HandOver,
  handOverType,
  keyThumbprint,
  type MyNumberPurpose,
  maxHandOverSize,
  ProtocolError,
  PublicJwk,
  requireSamePerson,
  WaitingHandOver,
} from "@xid/protocol";
import type { JWK } from "jose";
import { openEnvelope, requireCompact } from "./open-envelope.ts";
import { XidError } from "./xid-error.ts";

/** An envelope with a My Number as it was picked up, and what it must be for. Plain JSON: it may go to another machine to be opened. */
export type ReceivedHandOver = WaitingHandOver & {
  /** Drawn by `start` for this one request. */
  nonce: string;
};

export type OpenedMyNumber = {
  /** 個人番号, twelve digits. */
  myNumber: string;
  /** As the card's issuer signed them together with the number, and as the platform had verified them before. */
  attributes: TextAttributes;
  purpose: MyNumberPurpose;
  lawVersion: string;
  requestId: string;
  evidenceId: string;
  /** By the person's device. */
  handedOverAt: Date;
  /** 鍵ID of the municipality's key that signed the card's record, in hexadecimal. */
  issuerKeyId: string;
};

export type OpeningKeys = {
  /** Private P-256 keys for decryption: the one that was registered, and earlier ones while they may still be used. */
  keys: readonly JWK[];
  /** Keys of the system that certifies cards' issuers (`parseCardAuthorities`). An empty list is a RangeError. */
  authorities: readonly CardAuthority[];
};

/** How far the device's and the platform's clocks may be apart, with the time in which an answer is sent again: in milliseconds. */
const maxSkew = 900_000;

/**
 * Opens a hand-over and verifies, in this order: that the envelope is the one which the person's device approved
 * (`ENVELOPE_INVALID`), that it can be opened with one of the keys (`ENVELOPE_INVALID`), that the key which the approval
 * names signed what is inside (`HOLDER_MISMATCH`), that it is for this relying party, request, purpose and nonce, and of the
 * time of the approval (`HAND_OVER_MISMATCH`), that the card's issuer signed number and attributes and that the check digit
 * fits (`RECORD_INVALID`), and that the attributes are those of the person who approved (`OTHER_PERSON`).
 *
 * What rests on the platform's word: which attributes and which device are the person's who has this `subject`. What is not
 * shown at all: that the card is still valid, and that the chip was there rather than a copy of its files, which whoever
 * knew the PIN could have read out before.
 */
export async function openMyNumber(
  received: ReceivedHandOver,
  { keys, authorities }: OpeningKeys,
): Promise<OpenedMyNumber> {
  if (authorities.length === 0) throw new RangeError("no authority to trust");
  const jws = await decrypt(received, keys);
  const handOver = verifyHolder(jws, received.holderKey);
  requireMeantForUs(handOver, received);
  const { myNumber, attributes, issuerKeyId } = verifyRecord(handOver, authorities);
  requirePerson(attributes, received);
  return {
    myNumber,
    attributes,
    purpose: handOver.purpose,
    lawVersion: handOver.lawVersion,
    requestId: handOver.requestId,
    evidenceId: received.evidenceId,
    handedOverAt: new Date(handOver.time * 1000),
    issuerKeyId,
  };
}

async function decrypt(
  { envelope, envelopeDigest: approved }: ReceivedHandOver,
  keys: readonly JWK[],
): Promise<string> {
  const refuse = (why: string) => new XidError("ENVELOPE_INVALID", why);
  if (envelope.length > maxHandOverSize) throw refuse("larger than any hand-over");
  if (!isEqual(requireCompact(envelope), approved)) throw refuse("another envelope than the person approved");
  return openEnvelope(envelope, keys, handOverType);
}

/** The key is in the header; the approval, signed by the person's enrolled device, names it by its thumbprint. */
function verifyHolder(jws: string, thumbprint: string): HandOver {
  const refuse = (why: string, cause?: unknown) => new XidError("HOLDER_MISMATCH", why, { cause });
  try {
    const { header, payload, signingInput, signature } = decodeJws(jws);
    const jwk = PublicJwk.safeParse(header.jwk);
    if (header.typ !== handOverType || !jwk.success) throw refuse("not a signed hand-over");
    if (!isEqual(keyThumbprint(jwk.data), thumbprint)) throw refuse("signed by another key than the approval names");
    const key = createPublicKey({ key: jwk.data, format: "jwk" });
    if (!verify("sha256", signingInput, { key, dsaEncoding: "ieee-p1363" }, signature)) {
      throw refuse("the signature does not fit");
    }
    const handOver = HandOver.safeParse(payload);
    if (!handOver.success) throw new XidError("HAND_OVER_MISMATCH", "not a hand-over of this version");
    return handOver.data;
  } catch (cause) {
    if (cause instanceof XidError) throw cause;
    throw refuse("not a signed hand-over", cause);
  }
}

function requireMeantForUs(handOver: HandOver, received: ReceivedHandOver): void {
  for (const member of ["clientId", "requestId", "purpose", "lawVersion", "nonce"] as const) {
    if (!isEqual(handOver[member], received[member])) {
      throw new XidError("HAND_OVER_MISMATCH", `made for another ${member}`);
    }
  }
  if (Math.abs(handOver.time * 1000 - Date.parse(received.approvedAt)) > maxSkew) {
    throw new XidError("HAND_OVER_MISMATCH", "not made at the time of the approval");
  }
}

function verifyRecord({ card }: HandOver, authorities: readonly CardAuthority[]): Required<VerifiedText> {
  try {
    const text = {
      myNumber: fromBase64url(card.myNumber),
      attributes: fromBase64url(card.attributes),
      record: fromBase64url(card.record),
      certificate: fromBase64url(card.certificate),
    };
    const verified = verifyText(text, authorities) as Required<VerifiedText>;
    verifyCheckDigit(verified.myNumber);
    return verified;
  } catch (cause) {
    if (!(cause instanceof CardError || cause instanceof ProtocolError)) throw cause;
    throw new XidError("RECORD_INVALID", `the card's record: ${cause.code}`, { cause });
  }
}

function requirePerson(attributes: TextAttributes, received: ReceivedHandOver): void {
  try {
    requireSamePerson(attributes, received.attributes);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new XidError("OTHER_PERSON", cause.message, { cause });
  }
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What `JSON.parse` gave back. Throws `RESPONSE_INVALID` on what is no hand-over. */
export function parseWaitingHandOver(value: unknown): WaitingHandOver {
  const parsed = WaitingHandOver.safeParse(value);
  if (!parsed.success) throw new XidError("RESPONSE_INVALID", "the hand-over came in an unknown form");
  return parsed.data;
}
