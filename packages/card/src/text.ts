import { applicationIdentifiers } from "./application-identifiers.ts";
import { parseTextBasicInformation, type TextBasicInformation } from "./basic-information.ts";
import { CardError } from "./card-error.ts";
import { parsePublicKey } from "./card-public-key.ts";
import { type DraftOption, readFile, selectApplication } from "./file.ts";
import { changePin, type Pin, triesLeft, verifyPin } from "./pin.ts";
import { provePresence } from "./presence.ts";
import type { RsaPublicKey } from "./rsa.ts";
import { SecureMessaging } from "./secure-messaging.ts";
import { parseAttributes, parseMyNumber, type SignedText, type TextAttributes } from "./text-files.ts";
import { parseTlv } from "./tlv.ts";
import type { CardTransport } from "./transport.ts";

/** 券面事項入力補助用暗証番号, 照合番号A (the My Number itself) or 照合番号B (`verificationNumberB`). */
export type TextPin = "pin" | "A" | "B";

const pins: Record<TextPin, Pin> = {
  pin: { file: 0x0011, pattern: /^[0-9]{4}$/, tries: 3 },
  A: { file: 0x0014, pattern: /^[0-9]{12}$/, tries: 10 },
  B: { file: 0x0015, pattern: /^[0-9]{14}$/, tries: 10 },
};

/** Where things are: on a card, and on the draft of the next, which has one PIN for all of this and for authentication. */
const layouts = {
  card: { pins, myNumber: 0x0001, attributes: 0x0002, record: 0x0003, certificate: 0x0004 },
  draft: {
    pins: { ...pins, pin: { ...pins.pin, file: 0x0018 } },
    myNumber: 0x000c,
    attributes: 0x000d,
    record: 0x000e,
    certificate: 0x000f,
  },
} as const;

/** 券面事項入力補助AP, selected on a card; see `JpkiApplication` for how long that lasts. On the draft it is 認証AP, which has no 照合番号 here. */
export class TextApplication {
  #transport: CardTransport;
  readonly #layout: (typeof layouts)["card" | "draft"];

  private constructor(transport: CardTransport, layout: (typeof layouts)["card" | "draft"]) {
    this.#transport = transport;
    this.#layout = layout;
  }

  /** `NOT_A_MY_NUMBER_CARD` when the card has no such application, as a phone has not. */
  static async select(transport: CardTransport, options: DraftOption = {}): Promise<TextApplication> {
    const { text, draftAuthentication } = applicationIdentifiers;
    const found = await selectApplication(transport, text, ...(options.acceptDraft ? [draftAuthentication] : []));
    return new TextApplication(transport, found === 0 ? layouts.card : layouts.draft);
  }

  /** Which of the holder's PINs `verifyPin` takes: on the draft, the one of authentication. */
  get pinName(): "text" | "authentication" {
    return this.#layout === layouts.card ? "text" : "authentication";
  }

  /** Tries left before it is blocked; 0 is blocked. Costs no try. */
  triesLeft(which: TextPin = "pin"): Promise<number> {
    return triesLeft(this.#transport, this.#layout.pins[which]);
  }

  /** 券面事項入力補助用暗証番号, four digits: opens everything here. Otherwise as `JpkiApplication.verifyPin`. */
  verifyPin(value: string, options: { lastTryAllowed?: boolean } = {}): Promise<void> {
    return verifyPin(this.#transport, this.#layout.pins.pin, value, options);
  }

  /** 照合番号A opens the number, B the attributes; either opens the integrity record. */
  verifyNumber(which: "A" | "B", value: string, options: { lastTryAllowed?: boolean } = {}): Promise<void> {
    return verifyPin(this.#transport, this.#layout.pins[which], value, options);
  }

  /** Sets a new 券面事項入力補助用暗証番号, after `verifyPin`. */
  changePin(newValue: string): Promise<void> {
    return changePin(this.#transport, this.#layout.pins.pin, newValue);
  }

  /** As the card says; what its issuer signed is shown by `verifyText` over `readSignedText`. */
  async readAttributes(): Promise<TextAttributes> {
    return parseAttributes(await readFile(this.#transport, this.#layout.attributes));
  }

  /** 個人番号, twelve digits, as the card says. The check digit is not checked. */
  async readMyNumber(): Promise<string> {
    return parseMyNumber(await readFile(this.#transport, this.#layout.myNumber));
  }

  /** The files with which `verifyText` proves to anybody what the issuer wrote. The number only when it is asked for. */
  async readSignedText(items: { myNumber?: boolean; attributes?: boolean }): Promise<SignedText> {
    const text: SignedText = {
      record: await readFile(this.#transport, this.#layout.record),
      certificate: await readFile(this.#transport, this.#layout.certificate),
    };
    if (items.attributes) text.attributes = await readFile(this.#transport, this.#layout.attributes);
    if (items.myNumber) text.myNumber = await readFile(this.#transport, this.#layout.myNumber);
    return text;
  }

  /** EF 0004, free: the card-verifiable certificate of the issuer's key. */
  readCertificate(): Promise<Uint8Array> {
    return readFile(this.#transport, this.#layout.certificate);
  }

  /** EF 0005, free. */
  async readBasicInformation(): Promise<TextBasicInformation> {
    return parseTextBasicInformation(await readFile(this.#transport, 0x0005));
  }

  /** EF 0006: the key to which a session key is encrypted. Nothing signs it. */
  async readDeliveryKey(): Promise<RsaPublicKey> {
    const { tag, value } = parseTlv(await readFile(this.#transport, 0x0006));
    if (tag !== 0xa1) throw new CardError("MALFORMED_RESPONSE", "another data object than expected");
    const key = parsePublicKey(value);
    if ("point" in key) throw new CardError("MALFORMED_RESPONSE", "another key than expected");
    return key;
  }

  /** EF 0007, for `verifyPresenceKey`. */
  readPresenceKey(): Promise<Uint8Array> {
    return readFile(this.#transport, 0x0007);
  }

  /** Signs a challenge with the card's own key, without a PIN: for `verifyPresence`. */
  provePresence(challenge: Uint8Array): Promise<Uint8Array> {
    return provePresence(this.#transport, "rsa", challenge);
  }

  /**
   * Begins secure messaging, after `verifyPin`; all that this instance reads from here on goes encrypted.
   * @param randomBytes a cryptographic generator, such as `size => crypto.getRandomValues(new Uint8Array(size))`
   */
  async startSecureMessaging(randomBytes: (size: number) => Uint8Array): Promise<void> {
    const key = await this.readDeliveryKey();
    this.#transport = await SecureMessaging.open(this.#transport, key, randomBytes);
  }
}
