import { sha256 } from "@noble/hashes/sha2.js";
import { applicationIdentifiers } from "./application-identifiers.ts";
import { CardError } from "./card-error.ts";
import { readFile, selectApplication, selectFile, transceive, unexpected } from "./file.ts";
import { changePin, type Pin, triesLeft, verifyPin } from "./pin.ts";
import { StatusWord } from "./status-word.ts";
import type { CardTransport } from "./transport.ts";

/** 署名用 (name, address … inside; a password) and 利用者証明用 (no personal data inside; four digits). */
export type JpkiKey = "signature" | "authentication";
export type JpkiCertificate = JpkiKey | "signature-ca" | "authentication-ca";

const certificateFiles: Record<JpkiCertificate, number> = {
  signature: 0x0001,
  "signature-ca": 0x0002,
  authentication: 0x000a,
  "authentication-ca": 0x000b,
};
const issuedFile = 0x0008;
const keyFiles: Record<JpkiKey, number> = { signature: 0x001a, authentication: 0x0017 };
const pins: Record<JpkiKey, Pin> = {
  signature: { file: 0x001b, pattern: /^[0-9A-Z]{6,16}$/, tries: 5 },
  authentication: { file: 0x0018, pattern: /^[0-9]{4}$/, tries: 3 },
};

/** RFC 8017 §9.2 note 1: DER of DigestInfo for SHA-256, up to the digest. */
const sha256DigestInfo = [
  0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
];
const signatureLength = 256;

/**
 * 公的個人認証AP, selected on a card. Verified PINs are forgotten by the card when another application is selected, so
 * one instance is good until then. Call one method at a time: they share the card's current file. Every method rejects
 * with `CardError`; nothing is ever sent twice.
 */
export class JpkiApplication {
  readonly #transport: CardTransport;

  private constructor(transport: CardTransport) {
    this.#transport = transport;
  }

  /** `NOT_A_MY_NUMBER_CARD` when the card has no such application. Does not look at the ATR, which proves nothing. */
  static async select(transport: CardTransport): Promise<JpkiApplication> {
    await selectApplication(transport, applicationIdentifiers.jpki);
    return new JpkiApplication(transport);
  }

  /** Tries left before the PIN is blocked; 0 is blocked. Costs no try. */
  triesLeft(pin: JpkiKey): Promise<number> {
    return triesLeft(this.#transport, pins[pin]);
  }

  /** Which certificates the card was issued with (EF 0008). Says nothing of their validity. */
  async issuedCertificates(): Promise<Record<JpkiKey, boolean>> {
    const content = await readFile(this.#transport, issuedFile);
    if (content.length < 2) throw new CardError("MALFORMED_RESPONSE", "EF 0008 is too short");
    return { signature: content[0] !== 0, authentication: content[1] !== 0 };
  }

  /**
   * Opens the signature certificate and key, or the authentication key, until the application is left.
   * @param value the signature password, 6 to 16 letters and digits, upper-cased here as the card holds it; or four digits
   * @param options.lastTryAllowed without it, a PIN with one try left is `LAST_TRY` and nothing is tried
   */
  async verifyPin(pin: JpkiKey, value: string, options: { lastTryAllowed?: boolean } = {}): Promise<void> {
    try {
      await verifyPin(this.#transport, pins[pin], asHeld(pin, value), options);
    } catch (error) {
      if (error instanceof CardError && error.code === "PIN_BLOCKED" && error.statusWord === undefined) {
        await this.#requireIssued(pin);
      }
      throw error;
    }
  }

  /** Sets a new value for a PIN that `verifyPin` has opened; the same format. */
  changePin(pin: JpkiKey, newValue: string): Promise<void> {
    return changePin(this.#transport, pins[pin], asHeld(pin, newValue));
  }

  /**
   * DER of a certificate. The resident's signature certificate needs its password first (`SECURITY_STATUS`);
   * `CERTIFICATE_ABSENT` when the card has none. Only the outermost length is looked at.
   */
  async readCertificate(which: JpkiCertificate): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return await readFile(this.#transport, certificateFiles[which], certificateSize);
    } catch (error) {
      if (!(error instanceof CardError) || error.code !== "FILE_NOT_FOUND") throw error;
      throw new CardError("CERTIFICATE_ABSENT", "the card has no such certificate", { cause: error });
    }
  }

  /**
   * RSASSA-PKCS1-v1_5 with SHA-256 over `message`, 256 bytes. The key's PIN first, else `SECURITY_STATUS`.
   * The signature is not checked against the certificate.
   */
  async sign(key: JpkiKey, message: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    await selectFile(this.#transport, keyFiles[key]);
    const { data, statusWord } = await transceive(this.#transport, {
      cla: 0x80,
      ins: 0x2a,
      p1: 0x00,
      p2: 0x80,
      data: Uint8Array.of(...sha256DigestInfo, ...sha256(message)),
      le: 0x100,
    });
    if (statusWord !== StatusWord.ok) throw unexpected("COMPUTE DIGITAL SIGNATURE", statusWord);
    if (data.length !== signatureLength) throw new CardError("MALFORMED_RESPONSE", "not an RSA-2048 signature");
    return Uint8Array.from(data);
  }

  /** A password that was never given out looks blocked; EF 0008 tells the two apart. */
  async #requireIssued(key: JpkiKey): Promise<void> {
    if (!(await this.issuedCertificates())[key]) {
      throw new CardError("CERTIFICATE_ABSENT", "the card was issued without this certificate");
    }
  }
}

/** The card holds capitals. ASCII only: toUpperCase would make SS of ß, and spend a try on a password nobody typed. */
function asHeld(pin: JpkiKey, value: string): string {
  return pin === "signature" ? value.replace(/[a-z]/g, (letter) => letter.toUpperCase()) : value;
}

/** Every certificate on the card is a SEQUENCE with a two-byte length; blank memory is no certificate. */
function certificateSize(beginning: Uint8Array): number {
  if (beginning.every((byte) => byte === 0x00) || beginning.every((byte) => byte === 0xff)) {
    throw new CardError("CERTIFICATE_ABSENT", "the certificate's file is blank");
  }
  if (beginning.length < 4 || beginning[0] !== 0x30 || beginning[1] !== 0x82) {
    throw new CardError("MALFORMED_RESPONSE", "not a certificate");
  }
  return 4 + beginning[2]! * 0x100 + beginning[3]!;
}
