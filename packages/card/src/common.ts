import { applicationIdentifiers } from "./application-identifiers.ts";
import { CardError } from "./card-error.ts";
import { readRecord, selectApplication } from "./file.ts";
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

/** 共通カードAP, selected on a card. */
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
    // Record 1 of EF 0001 is one simple-TLV object: 01, the length, 28 digits.
    const record = await readRecord(this.#transport, 0x0001, 1);
    const digits = String.fromCharCode(...record.subarray(2, 30));
    if (record[0] !== 0x01 || record[1] !== 28 || !/^[0-9]{28}$/.test(digits)) {
      throw new CardError("MALFORMED_RESPONSE", "not a card information record");
    }
    return { serialNumber: digits.slice(0, 15), municipalityCode: digits.slice(15, 20), expiry: digits.slice(20) };
  }
}
