import { applicationIdentifiers } from "./application-identifiers.ts";
import { CardError } from "./card-error.ts";
import { readFile, selectApplication } from "./file.ts";
import { type Pin, triesLeft, verifyPin } from "./pin.ts";
import { parseTlv, parseTlvs, type Tlv } from "./tlv.ts";
import type { CardTransport } from "./transport.ts";

/** 基本4情報 as the card holds them. */
export type TextAttributes = {
  /** 氏名: U+3000 between family and given name. */
  name: string;
  /** 住所, from the prefecture. */
  address: string;
  /** 生年月日, YYYYMMDD, Gregorian. Digits only are checked: 00 stands where month or day is unknown. */
  birthdate: string;
  /** 性別 (JIS X 0303): 1 male, 2 female, 9 not applicable. */
  gender: "1" | "2" | "9";
};

const pin: Pin = { file: 0x0011, pattern: /^[0-9]{4}$/, tries: 3 };

/** 券面事項入力補助AP, selected on a card; see `JpkiApplication` for how long that lasts. */
export class TextApplication {
  readonly #transport: CardTransport;

  private constructor(transport: CardTransport) {
    this.#transport = transport;
  }

  /** `NOT_A_MY_NUMBER_CARD` when the card has no such application. */
  static async select(transport: CardTransport): Promise<TextApplication> {
    await selectApplication(transport, applicationIdentifiers.text);
    return new TextApplication(transport);
  }

  /** Tries left before the PIN is blocked; 0 is blocked. Costs no try. */
  triesLeft(): Promise<number> {
    return triesLeft(this.#transport, pin);
  }

  /** 券面事項入力補助用暗証番号, four digits; otherwise as `JpkiApplication.verifyPin`. */
  verifyPin(value: string, options: { lastTryAllowed?: boolean } = {}): Promise<void> {
    return verifyPin(this.#transport, pin, value, options);
  }

  /** After `verifyPin`. The card's integrity record over them (EF 0003) is not read. */
  async readAttributes(): Promise<TextAttributes> {
    const fields = parseTlvs(await this.#readTemplate(0x0002, 0xff20));
    const gender = field(fields, 0xdf25);
    if (gender !== "1" && gender !== "2" && gender !== "9") throw malformed("an unknown gender");
    const birthdate = field(fields, 0xdf24);
    if (!/^[0-9]{8}$/.test(birthdate)) throw malformed("a birth date that is not eight digits");
    return { name: field(fields, 0xdf22), address: field(fields, 0xdf23), birthdate, gender };
  }

  /** 個人番号, twelve digits, after `verifyPin`. The check digit is not checked, nor the card's integrity record. */
  async readMyNumber(): Promise<string> {
    const number = decodeText(await this.#readTemplate(0x0001, 0xff10));
    if (!/^[0-9]{12}$/.test(number)) throw malformed("a number that is not twelve digits");
    return number;
  }

  async #readTemplate(file: number, tag: number): Promise<Uint8Array> {
    // The file is longer than its data object: filler behind it.
    const object = parseTlv(await readFile(this.#transport, file));
    if (object.tag !== tag) throw malformed("another data object than expected");
    return object.value;
  }
}

function field(fields: Tlv[], tag: number): string {
  const found = fields.filter((candidate) => candidate.tag === tag);
  if (found.length !== 1) throw malformed("a field is missing or comes twice");
  return decodeText(found[0]!.value);
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CardError("MALFORMED_RESPONSE", "text that is not UTF-8", { cause });
  }
}

function malformed(sentence: string): CardError {
  return new CardError("MALFORMED_RESPONSE", sentence);
}
