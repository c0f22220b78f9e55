import { constants, createHash, type KeyObject, privateEncrypt } from "node:crypto";
import { p384 } from "@noble/curves/nist.js";
import type { CommandApdu } from "../../apdu.ts";
import { digestInfo } from "../../digest-info.ts";
import { StatusWord } from "../../status-word.ts";
import type { Answer, CardSession, OpenFile } from "../card-session.ts";
import { structureOf } from "../card-state.ts";
import { encodePss } from "../encode-pss.ts";
import { isDraftKey } from "../record-signature.ts";

type Mode = { accepts: (length: number) => boolean; sign(key: KeyObject, data: Uint8Array, card: CardSession): Buffer };

const isMessage = (length: number) => length <= 255;
const isDigest = (length: number) => length === 32;
const sha256 = (message: Uint8Array) => createHash("sha256").update(message).digest();

/** By P1: how the data are padded. The card looks into nothing: in mode 00 they may be any bytes. */
const modes = new Map<number, Mode>([
  [0x00, { accepts: (length) => length <= 245, sign: pkcs1 }],
  [0x01, { accepts: isMessage, sign: (key, message) => pkcs1(key, sha256(message)) }],
  [0x02, { accepts: isDigest, sign: (key, digest) => pkcs1(key, digestInfo("SHA-256", digest)) }],
  [0x03, { accepts: isMessage, sign: (key, message) => pkcs1(key, digestInfo("SHA-256", sha256(message))) }],
  [0x04, { accepts: isDigest, sign: pss }],
  [0x05, { accepts: isMessage, sign: (key, message, card) => pss(key, sha256(message), card) }],
]);

/** The draft's keys: ECDSA, r and s in 48 bytes each, over a SHA-384 digest or a message. */
const draftModes = new Map<number, Mode>([
  [0x02, { accepts: (length) => length === 48, sign: ecdsa }],
  [0x03, { accepts: () => true, sign: (key, message) => ecdsa(key, createHash("sha384").update(message).digest()) }],
]);

/**
 * COMPUTE DIGITAL SIGNATURE (80 2A), 256 bytes, on the draft 96. P2 names the key as VERIFY names a PIN; 00 is the
 * application's own key, which needs no PIN and shows that the card is there.
 */
export function computeSignature(card: CardSession, { p1, p2, data, le }: CommandApdu): Answer {
  if (!modes.has(p1)) return StatusWord.wrongParameters;
  const opened = openKey(card, p2);
  if (typeof opened === "number") return opened;
  if (!("openedBy" in opened.file) || structureOf(opened.file) !== "key") return StatusWord.wrongFileStructure;
  if (!card.isOpen(opened.file.openedBy)) return StatusWord.securityStatusNotSatisfied;
  if (!data || le === undefined || le < 256) return StatusWord.wrongLength;
  const key = card.privateKey(opened, "signature");
  if (!key) return StatusWord.conditionsNotSatisfied;
  const mode = (isDraftKey(key) ? draftModes : modes).get(p1);
  if (!mode) return StatusWord.wrongParameters;
  return mode.accepts(data.length) ? { data: mode.sign(key, data, card) } : StatusWord.wrongLength;
}

function openKey(card: CardSession, p2: number): OpenFile | number {
  const { defaultKey, files } = card.application;
  if (p2 !== 0x00 || defaultKey === undefined) return card.openReference(p2);
  return { name: defaultKey, file: files[defaultKey]! };
}

/** RFC 8017 §9.2 with the data in the place of the DigestInfo. */
function pkcs1(key: KeyObject, data: Uint8Array): Buffer {
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, data);
}

/** RFC 6979: no randomness, so that the same digest has the same signature. */
function ecdsa(key: KeyObject, digest: Uint8Array): Buffer {
  const { d } = key.export({ format: "jwk" });
  return Buffer.from(p384.sign(digest, Buffer.from(d!, "base64url"), { prehash: false, lowS: false }));
}

function pss(key: KeyObject, digest: Uint8Array, card: CardSession): Buffer {
  const encoded = encodePss(digest, card.randomBytes(digest.length));
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
}
