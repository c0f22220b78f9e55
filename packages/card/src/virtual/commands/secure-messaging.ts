import { constants, createCipheriv, createDecipheriv, type KeyObject, privateDecrypt } from "node:crypto";
import type { CommandApdu } from "../../apdu.ts";
import { StatusWord } from "../../status-word.ts";
import { encodeTlv, parseTlv } from "../../tlv.ts";
import type { Answer, CardSession, SecureChannel } from "../card-session.ts";
import { rsaPublicKey } from "../record-signature.ts";

const deliveryKey = "delivery";
const blockSize = 16;
const seedSize = 32;

/**
 * SET SESSION KEY (80 AE): RSA-OAEP with SHA-256 of A0 { 80 seed }, to the key in EF 0006, after the PIN. The first half of
 * the seed is the session's AES-128 key. Applications without a delivery key answer 66F1.
 */
export function setSessionKey(card: CardSession, { p1, p2, data, le }: CommandApdu): Answer {
  if (!card.has(deliveryKey)) return StatusWord.keyDeliveryNotConfigured;
  const announced = card.application.files[deliveryKey]!;
  if (!("openedBy" in announced) || !card.isOpen(announced.openedBy)) return StatusWord.securityStatusNotSatisfied;
  if (p1 !== 0x00 || p2 !== 0x00) return StatusWord.wrongParameters;
  if (data?.length !== 256 || le !== undefined) return StatusWord.wrongLength;
  const key = card.privateKey({ name: deliveryKey, file: announced }, "delivery");
  if (!key) return StatusWord.conditionsNotSatisfied;
  if (isModulusOrMore(data, key)) return StatusWord.generalFailure;
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const seed = seedOf(privateDecrypt({ key, padding, oaepHash: "sha256" }, data));
    if (!seed) return StatusWord.wrongData;
    card.secureChannel = { key: seed.subarray(0, blockSize), counter: 1n };
    return StatusWord.ok;
  } catch {
    return StatusWord.wrongData;
  }
}

/** No ciphertext of this key is as large, RFC 8017 §5.1.2; the card says so with a word of its own. */
function isModulusOrMore(data: Uint8Array, key: KeyObject): boolean {
  return Buffer.compare(data, rsaPublicKey(key).modulus) >= 0;
}

/** An encryption key alone: with a key for checksums, or with that alone, this card accepts no message. */
function seedOf(message: Uint8Array): Uint8Array | undefined {
  const expected = [0xa0, 2 + seedSize, 0x80, seedSize];
  if (message.length !== expected.length + seedSize) return undefined;
  return expected.every((byte, index) => message[index] === byte) ? message.subarray(expected.length) : undefined;
}

/**
 * A command with CLA 08: exactly one data object, 86 with encrypted data for VERIFY and SELECT, 96 with the expected length
 * for READ BINARY, whose answer comes in an 86 as well. Confidentiality only: nothing is authenticated. Whatever cannot
 * be unwrapped ends the session with 6988.
 */
export function secureMessaging(
  card: CardSession,
  command: CommandApdu,
  execute: (plain: CommandApdu) => Answer,
): Answer {
  const channel = card.secureChannel;
  if (!channel) return StatusWord.noSecureMessagingSession;
  const iv = initialVector(channel);
  const plain = unwrap(command, channel.key, iv);
  if (!plain) {
    card.secureChannel = undefined;
    return StatusWord.secureMessagingObjectsWrong;
  }
  channel.counter++;
  const answer = execute(plain);
  if (typeof answer === "number") return answer;
  const data = encodeTlv(0x86, Buffer.concat([Uint8Array.of(0x01), encrypt(answer.data, channel.key, iv)]));
  return command.le !== undefined && data.length <= command.le ? { data } : StatusWord.wrongLength;
}

function unwrap(command: CommandApdu, key: Uint8Array, iv: Uint8Array): CommandApdu | undefined {
  const { ins, p1, p2, data } = command;
  const object = data && onlyObject(data);
  if (!object) return undefined;
  const plain = { cla: 0x00, ins, p1, p2 };
  if (ins === 0xb0) {
    const { tag, value } = object;
    if (tag !== 0x96 || value.length !== 3 || value[0] !== 0x00) return undefined;
    return { ...plain, le: value[1]! * 0x100 + value[2]! || 0x10000 };
  }
  if (ins !== 0x20 && ins !== 0xa4) return undefined;
  if (object.tag !== 0x86 || object.value[0] !== 0x01) return undefined;
  const decrypted = decrypt(object.value.subarray(1), key, iv);
  return decrypted && decrypted.length > 0 ? { ...plain, data: decrypted } : undefined;
}

function onlyObject(data: Uint8Array): { tag: number; value: Uint8Array } | undefined {
  try {
    const object = parseTlv(data);
    return object.size === data.length ? object : undefined;
  } catch {
    return undefined;
  }
}

/** The counter in sixteen bytes, encrypted: the same for a command and its answer. */
function initialVector({ key, counter }: SecureChannel): Uint8Array {
  const block = Buffer.alloc(blockSize);
  block.writeBigUInt64BE(counter, 8);
  return createCipheriv("aes-128-cbc", key, new Uint8Array(blockSize)).setAutoPadding(false).update(block);
}

/** Padding of ISO/IEC 7816-4 §10.2.3.1: 80 and zeros, always some. */
function encrypt(plain: Uint8Array, key: Uint8Array, iv: Uint8Array): Uint8Array {
  const padded = Buffer.alloc((Math.floor(plain.length / blockSize) + 1) * blockSize);
  padded.set(plain);
  padded[plain.length] = 0x80;
  return createCipheriv("aes-128-cbc", key, iv).setAutoPadding(false).update(padded);
}

function decrypt(encrypted: Uint8Array, key: Uint8Array, iv: Uint8Array): Uint8Array | undefined {
  if (encrypted.length === 0 || encrypted.length % blockSize !== 0) return undefined;
  const padded = createDecipheriv("aes-128-cbc", key, iv).setAutoPadding(false).update(encrypted);
  const end = padded.findLastIndex((byte) => byte !== 0x00);
  return padded[end] === 0x80 && end >= padded.length - blockSize ? padded.subarray(0, end) : undefined;
}
