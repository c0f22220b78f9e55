import { applicationIdentifiers } from "./application-identifiers.ts";
import { CardError } from "./card-error.ts";
import { readRecord, selectApplication, transceive, unexpected } from "./file.ts";
import { changePin, type Pin, triesLeft, verifyPin } from "./pin.ts";
import { StatusWord } from "./status-word.ts";
import type { CardTransport } from "./transport.ts";

/** What the card says of itself, as printed digits. */
export type CardInformation = {
  /** 製造番号, 15 digits. */
  serialNumber: string;
  /** 市区町村コード of the issuing municipality, 5 digits. */
  municipalityCode: string;
  /** 有効期限 of the card, YYYYMMDD. */
  expiry: string;
};

/** 住民基本台帳用暗証番号; 住基AP has one of its own with the same value. */
export const residentRegisterPin: Pin = { file: 0x001c, pattern: /^[0-9]{4}$/, tries: 3, change: "key" };

/** 共通カードAP, selected on a card; see `JpkiApplication` for how long that lasts. */
export class CommonApplication {
  readonly #transport: CardTransport;

  private constructor(transport: CardTransport) {
    this.#transport = transport;
  }

  /** `NOT_A_MY_NUMBER_CARD` when the card has no such application. */
  static async select(transport: CardTransport): Promise<CommonApplication> {
    await selectApplication(transport, applicationIdentifiers.common);
    return new CommonApplication(transport);
  }

  /** Needs no PIN. Nothing on the card signs it. */
  async readCardInformation(): Promise<CardInformation> {
    return parseCardInformation(await readRecord(this.#transport, 0x0001, 1));
  }

  /** Tries left of 住民基本台帳用暗証番号 here; 0 is blocked. Costs no try. */
  triesLeft(): Promise<number> {
    return triesLeft(this.#transport, residentRegisterPin);
  }

  /** 住民基本台帳用暗証番号, four digits; otherwise as `JpkiApplication.verifyPin`. */
  verifyPin(value: string, options: { lastTryAllowed?: boolean } = {}): Promise<void> {
    return verifyPin(this.#transport, residentRegisterPin, value, options);
  }

  /** After `verifyPin`. Changes this application's only: `changeResidentRegisterPin` changes both. */
  changePin(newValue: string): Promise<void> {
    return changePin(this.#transport, residentRegisterPin, newValue);
  }

  /**
   * INTERNAL AUTHENTICATE: RSASSA-PKCS1-v1_5 with SHA-256 over the challenge, 256 bytes, without a PIN. The card does not
   * give out the key that verifies it, so by itself this proves nothing; use `TextApplication.provePresence`.
   * @param challenge 1 to 255 bytes
   */
  async internalAuthenticate(challenge: Uint8Array): Promise<Uint8Array> {
    if (challenge.length < 1 || challenge.length > 255) throw new RangeError("a challenge has 1 to 255 bytes");
    const command = { cla: 0x00, ins: 0x88, p1: 0x00, p2: 0x99, data: challenge, le: 0x100 };
    const { data, statusWord } = await transceive(this.#transport, command);
    if (statusWord !== StatusWord.ok) throw unexpected("INTERNAL AUTHENTICATE", statusWord);
    if (data.length !== 256) throw new CardError("MALFORMED_RESPONSE", "not an RSA-2048 signature");
    return data;
  }
}

/** Record 1 of EF 0001 is one simple-TLV object: 01, the length, 28 digits. `MALFORMED_RESPONSE` for all else. */
export function parseCardInformation(record: Uint8Array): CardInformation {
  const digits = String.fromCharCode(...record.subarray(2, 30));
  if (record[0] !== 0x01 || record[1] !== 28 || !/^[0-9]{28}$/.test(digits)) {
    throw new CardError("MALFORMED_RESPONSE", "not a card information record");
  }
  return { serialNumber: digits.slice(0, 15), municipalityCode: digits.slice(15, 20), expiry: digits.slice(20) };
}
