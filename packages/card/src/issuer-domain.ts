import { applicationIdentifiers } from "./application-identifiers.ts";
import { CardError } from "./card-error.ts";
import { selectApplication, transceive, unexpected } from "./file.ts";
import { StatusWord } from "./status-word.ts";
import { decodeText } from "./template.ts";
import { encodeTlv } from "./tlv.ts";
import type { CardTransport } from "./transport.ts";

/** What the card gives without any application: the state after power-on, also called MF level. Nothing signs it but `certificates`. */
export class IssuerDomain {
  readonly #transport: CardTransport;

  private constructor(transport: CardTransport) {
    this.#transport = transport;
  }

  /** `NOT_A_MY_NUMBER_CARD` when it cannot be selected; a fresh connection has it selected already. */
  static async select(transport: CardTransport): Promise<IssuerDomain> {
    await selectApplication(transport, applicationIdentifiers.issuerDomain);
    return new IssuerDomain(transport);
  }

  /** 市区町村コード, 5 digits. */
  municipalityCode(): Promise<string> {
    return this.#digits(0x00f0, 5);
  }

  /** 有効期限, YYYYMMDD. */
  expiry(): Promise<string> {
    return this.#digits(0x00f2, 8);
  }

  /** The answer to reset of the contact interface, without its first byte: also over NFC. */
  answerToReset(): Promise<Uint8Array> {
    return this.getData(0x5f51);
  }

  /**
   * The chain for `verifyCardVerifiableCertificates`: the card issuer's key, then the key that certified it.
   * Whether the card gives their outer tag with them is not published: both are taken.
   */
  async certificates(): Promise<Uint8Array[]> {
    const [lower, upper] = [await this.getData(0x7f21), await this.getData(0x00f8)];
    return [lower, upper].map((content) => (content[0] === 0x7f ? content : encodeTlv(0x7f21, content)));
  }

  /** GET DATA (ISO/IEC 7816-4 §7.4.2), with extended Le: the content of one data object. `FILE_NOT_FOUND` when there is none. */
  async getData(tag: number): Promise<Uint8Array> {
    const command = { cla: 0x00, ins: 0xca, p1: tag >> 8, p2: tag & 0xff, le: 0x10000 };
    const { data, statusWord } = await transceive(this.#transport, command);
    if (statusWord === StatusWord.referenceNotFound) {
      throw new CardError("FILE_NOT_FOUND", "the card has no such data object", { statusWord });
    }
    if (statusWord !== StatusWord.ok) throw unexpected("GET DATA", statusWord);
    return data;
  }

  async #digits(tag: number, length: number): Promise<string> {
    const text = decodeText(await this.getData(tag));
    if (text.length !== length || !/^[0-9]*$/.test(text)) {
      throw new CardError("MALFORMED_RESPONSE", "not as many digits as expected");
    }
    return text;
  }
}
