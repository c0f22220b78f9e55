import { applicationIdentifiers } from "./application-identifiers.ts";
import { parseVisualBasicInformation, type VisualBasicInformation } from "./basic-information.ts";
import type { KeyKind } from "./compute-signature.ts";
import { type DraftOption, readFile, selectApplication } from "./file.ts";
import { type Pin, triesLeft, verifyPin } from "./pin.ts";
import { provePresence } from "./presence.ts";
import { tlvSize } from "./tlv.ts";
import type { CardTransport } from "./transport.ts";
import type { SignedFile } from "./visual-files.ts";

/** The birth date as YYMMDD in the year of its era, 照合番号A (the My Number) or B (`verificationNumberB`). */
export type VisualNumber = "birthdate" | "A" | "B";

const numbers: Record<VisualNumber, Pin> = {
  birthdate: { file: 0x0011, pattern: /^[0-9]{6}$/, tries: 10 },
  A: { file: 0x0013, pattern: /^[0-9]{12}$/, tries: 10 },
  B: { file: 0x0012, pattern: /^[0-9]{14}$/, tries: 10 },
};

/** 券面事項確認AP, selected on a card; see `JpkiApplication` for how long that lasts. Nothing here has a PIN that a holder chose. */
export class VisualApplication {
  readonly #transport: CardTransport;
  readonly #kind: KeyKind;

  private constructor(transport: CardTransport, kind: KeyKind) {
    this.#transport = transport;
    this.#kind = kind;
  }

  /** `NOT_A_MY_NUMBER_CARD` when the card has no such application. On the draft of the next it is 券面等AP, without the age record. */
  static async select(transport: CardTransport, options: DraftOption = {}): Promise<VisualApplication> {
    const { visual, draftFace } = applicationIdentifiers;
    const found = await selectApplication(transport, visual, ...(options.acceptDraft ? [draftFace] : []));
    return new VisualApplication(transport, found === 0 ? "rsa" : "p384");
  }

  /** Tries left before it is blocked; 0 is blocked. Costs no try. */
  triesLeft(which: VisualNumber): Promise<number> {
    return triesLeft(this.#transport, numbers[which]);
  }

  /** `birthdate` opens the age record, A or B the face, A the picture of the number. Otherwise as `JpkiApplication.verifyPin`. */
  verifyNumber(which: VisualNumber, value: string, options: { lastTryAllowed?: boolean } = {}): Promise<void> {
    return verifyPin(this.#transport, numbers[which], value, options);
  }

  /** EF 0001, for `verifyAgeRecord`, or `parseAgeRecord` of its file. */
  readAgeRecord(): Promise<SignedFile> {
    return this.#readSigned(0x0001);
  }

  /** EF 0002, some ten thousand bytes, for `verifyCardFace`, or `parseCardFace` of its file. */
  readFace(): Promise<SignedFile> {
    return this.#readSigned(0x0002);
  }

  /** EF 0005, for `verifyMyNumberImage`, or `parseMyNumberImage` of its file. */
  readMyNumberImage(): Promise<SignedFile> {
    return this.#readSigned(0x0005);
  }

  /** EF 0004, free: the card-verifiable certificate of the issuer's key. */
  readCertificate(): Promise<Uint8Array> {
    return readFile(this.#transport, 0x0004, tlvSize);
  }

  /** EF 0003, free. */
  async readBasicInformation(): Promise<VisualBasicInformation> {
    return parseVisualBasicInformation(await readFile(this.#transport, 0x0003));
  }

  /** Signs a challenge with the card's own key, without a PIN: for `verifyPresence`. */
  provePresence(challenge: Uint8Array): Promise<Uint8Array> {
    return provePresence(this.#transport, this.#kind, challenge);
  }

  async #readSigned(file: number): Promise<SignedFile> {
    return { file: await readFile(this.#transport, file, tlvSize), certificate: await this.readCertificate() };
  }
}
