import { cbc } from "@noble/ciphers/aes.js";
import { encodeCommand, encodeResponse, parseCommand, parseResponse } from "./apdu.ts";
import { CardError } from "./card-error.ts";
import { concatenate } from "./concatenate.ts";
import { transceive } from "./file.ts";
import { encryptOaep, type RsaPublicKey } from "./rsa.ts";
import { StatusWord } from "./status-word.ts";
import { encodeTlv, parseTlv } from "./tlv.ts";
import type { CardTransport } from "./transport.ts";

const blockSize = 16;
const seedSize = 32;
/** Data object of encrypted data (86) with its padding indicator 01, and of the expected length (96). */
const tags = { encrypted: 0x86, expectedLength: 0x96 } as const;
const paddingIndicator = 0x01;

/**
 * Secure messaging of 券面事項入力補助AP, as far as the card has it: AES-128 against listeners at the radio. It authenticates
 * neither commands nor answers, so nobody who can change them is kept out; and the PIN that must open the application
 * before it went in clear.
 *
 * SELECT of a file, VERIFY with a value and READ BINARY go encrypted; everything else passes as it is. The session ends
 * with `SECURE_MESSAGING` when the card says so, and when another application is selected.
 */
export class SecureMessaging implements CardTransport {
  readonly #transport: CardTransport;
  readonly #key: Uint8Array;
  #counter = 0;
  #ended = false;

  private constructor(transport: CardTransport, key: Uint8Array) {
    this.#transport = transport;
    this.#key = key;
  }

  /**
   * SET SESSION KEY: sends a seed, encrypted to the card's delivery key. `SECURE_MESSAGING` when the application has no
   * key delivery, `SECURITY_STATUS` before its PIN. The command has extended length, which not every reader passes.
   * @param randomBytes a cryptographic generator
   */
  static async open(
    transport: CardTransport,
    deliveryKey: RsaPublicKey,
    randomBytes: (size: number) => Uint8Array,
  ): Promise<SecureMessaging> {
    const seed = Uint8Array.from(randomBytes(seedSize));
    const data = encryptOaep(deliveryKey, encodeTlv(0xa0, encodeTlv(0x80, seed)), randomBytes);
    const { statusWord } = await transceive(transport, { cla: 0x80, ins: 0xae, p1: 0x00, p2: 0x00, data });
    if (statusWord === StatusWord.securityStatusNotSatisfied) {
      throw new CardError("SECURITY_STATUS", "secure messaging begins after the PIN", { statusWord });
    }
    if (statusWord !== StatusWord.ok) throw refused(statusWord);
    return new SecureMessaging(transport, seed.slice(0, blockSize));
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    const parsed = parseCommand(command);
    if (parsed?.cla !== 0x00) return this.#transport.transmit(command);
    const { ins, p1, p2, data, le } = parsed;
    const encrypts = (ins === 0xa4 && p1 === 0x02) || ins === 0x20;
    if (encrypts && data) {
      const object = (iv: Uint8Array) => this.#encrypt(data, iv);
      return this.#exchange({ ins, p1, p2 }, object).finally(() => data.fill(0));
    }
    if (ins === 0xb0 && le !== undefined) {
      const expected = Uint8Array.of(0x00, (le >> 8) & 0xff, le & 0xff);
      return this.#exchange({ ins, p1, p2, le: encryptedSize(le) }, () => encodeTlv(tags.expectedLength, expected));
    }
    return this.#transport.transmit(command);
  }

  async #exchange(
    { le, ...header }: { ins: number; p1: number; p2: number; le?: number },
    object: (iv: Uint8Array) => Uint8Array,
  ): Promise<Uint8Array> {
    if (this.#ended) throw new CardError("SECURE_MESSAGING", "the session is over");
    // The card counts every command that it could unwrap, also one that the application then refuses.
    const iv = this.#initialVector(++this.#counter);
    const wrapped = encodeCommand({ cla: 0x08, ...header, data: object(iv), ...(le === undefined ? {} : { le }) });
    const { data, statusWord } = parseResponse(await this.#transport.transmit(wrapped));
    if (sessionOver.includes(statusWord)) {
      this.#ended = true;
      throw refused(statusWord);
    }
    return encodeResponse(statusWord, data.length === 0 ? data : this.#decrypt(data, iv));
  }

  #initialVector(counter: number): Uint8Array {
    const block = new Uint8Array(blockSize);
    new DataView(block.buffer).setUint32(12, counter);
    return cbc(this.#key, new Uint8Array(blockSize), { disablePadding: true }).encrypt(block);
  }

  /** Padding of ISO/IEC 7816-4 §10.2.3.1: 80 and zeros, always some. */
  #encrypt(plain: Uint8Array, iv: Uint8Array): Uint8Array {
    const padded = new Uint8Array(paddedSize(plain.length));
    padded.set(plain);
    padded[plain.length] = 0x80;
    const encrypted = cbc(this.#key, iv, { disablePadding: true }).encrypt(padded);
    padded.fill(0);
    return encodeTlv(tags.encrypted, concatenate(Uint8Array.of(paddingIndicator), encrypted));
  }

  #decrypt(bytes: Uint8Array, iv: Uint8Array): Uint8Array {
    const { tag, value, size } = parseTlv(bytes);
    const encrypted = value.subarray(1);
    const whole = encrypted.length > 0 && encrypted.length % blockSize === 0;
    if (tag !== tags.encrypted || size !== bytes.length || value[0] !== paddingIndicator || !whole) throw malformed();
    const padded = cbc(this.#key, iv, { disablePadding: true }).decrypt(encrypted);
    const end = padded.findLastIndex((byte) => byte !== 0x00);
    if (padded[end] !== 0x80) throw malformed();
    return padded.slice(0, end);
  }
}

const sessionOver: number[] = [
  StatusWord.secureMessagingObjectsMissing,
  StatusWord.secureMessagingObjectsWrong,
  StatusWord.noSecureMessagingSession,
  StatusWord.secureMessagingNotSupported,
];

function paddedSize(length: number): number {
  return (Math.floor(length / blockSize) + 1) * blockSize;
}

/** Room for the answer's data object: tag, up to three bytes of length, padding indicator. */
function encryptedSize(length: number): number {
  return Math.min(5 + paddedSize(length), 0x10000);
}

function refused(statusWord: number): CardError {
  return new CardError("SECURE_MESSAGING", `the card answered ${statusWord.toString(16)}`, { statusWord });
}

function malformed(): CardError {
  return new CardError("MALFORMED_RESPONSE", "an encrypted answer of another form");
}
