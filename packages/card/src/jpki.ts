import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { applicationIdentifiers } from "./application-identifiers.ts";
import { CardError } from "./card-error.ts";
import { computeSignature, type KeyKind, type SignatureMode } from "./compute-signature.ts";
import { digestInfo } from "./digest-info.ts";
import { type DraftOption, readFile, selectApplication, selectFile } from "./file.ts";
import { changePin, type Pin, triesLeft, verifyPin } from "./pin.ts";
import { parseTokenInformation, type TokenInformation } from "./token-information.ts";
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
  signature: {
    file: 0x001b,
    pattern: /^[0-9A-Z]{6,16}$/,
    newPattern: /^(?=.*[0-9])(?=.*[A-Z])[0-9A-Z]{6,16}$/,
    tries: 5,
  },
  authentication: { file: 0x0018, pattern: /^[0-9]{4}$/, tries: 3 },
};

const tokenFile = 0x0006;
/** How the message is hashed and padded; names as in RFC 7518. The key that a card has decides which it can. */
export type SigningAlgorithm = "RS256" | "RS384" | "RS512" | "PS256" | "ES384";
const digests = { RS256: ["SHA-256", sha256], RS384: ["SHA-384", sha384], RS512: ["SHA-512", sha512] } as const;

/**
 * 公的個人認証AP, selected on a card. Verified PINs are forgotten by the card when another application is selected, so
 * one instance is good until then. Call one method at a time: they share the card's current file. Every method rejects
 * with `CardError`; nothing is ever sent twice.
 */
export class JpkiApplication {
  readonly #transport: CardTransport;
  readonly #kind: KeyKind;

  private constructor(transport: CardTransport, kind: KeyKind) {
    this.#transport = transport;
    this.#kind = kind;
  }

  /**
   * `NOT_A_MY_NUMBER_CARD` when the card has no such application. Does not look at the ATR, which proves nothing.
   * @param options.acceptDraft takes 認証AP of the draft of the next card for it
   */
  static async select(transport: CardTransport, options: DraftOption = {}): Promise<JpkiApplication> {
    const { jpki, draftAuthentication } = applicationIdentifiers;
    const found = await selectApplication(transport, jpki, ...(options.acceptDraft ? [draftAuthentication] : []));
    return new JpkiApplication(transport, found === 0 ? "rsa" : "p384");
  }

  /** What `sign` uses unless told otherwise: RS256, on the draft ES384. */
  get algorithm(): "RS256" | "ES384" {
    return this.#kind === "rsa" ? "RS256" : "ES384";
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

  /** Sets a new value for a PIN that `verifyPin` has opened; a password has at least one letter and one digit. */
  changePin(pin: JpkiKey, newValue: string): Promise<void> {
    return changePin(this.#transport, pins[pin], asHeld(pin, newValue));
  }

  /**
   * DER of a certificate. The resident's signature certificate needs its password first (`SECURITY_STATUS`);
   * so does the authentication certificate on a phone. `CERTIFICATE_ABSENT` when there is none. Only the outermost length is looked at.
   */
  async readCertificate(which: JpkiCertificate): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return await readFile(this.#transport, certificateFiles[which], certificateSize);
    } catch (error) {
      if (!(error instanceof CardError) || error.code !== "FILE_NOT_FOUND") throw error;
      throw new CardError("CERTIFICATE_ABSENT", "the card has no such certificate", { cause: error });
    }
  }

  /** What this is: a card, or a phone. */
  async readTokenInformation(): Promise<TokenInformation> {
    return parseTokenInformation(await readFile(this.#transport, tokenFile));
  }

  /**
   * Signs a message of any length, hashed here: 256 bytes; ES384 r and s, 96 bytes (as in JOSE, not the DER of X.509).
   * The key's PIN first, else `SECURITY_STATUS`. RangeError for an algorithm of other keys than this card's. The
   * signature is not checked against the certificate.
   */
  async sign(
    key: JpkiKey,
    message: Uint8Array,
    { algorithm = this.algorithm }: { algorithm?: SigningAlgorithm } = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    if ((algorithm === "ES384") !== (this.#kind === "p384"))
      throw new RangeError(`this card does not sign ${algorithm}`);
    if (algorithm === "ES384") return this.computeSignature(key, "digest", sha384(message));
    if (algorithm === "PS256") return this.computeSignature(key, "pssDigest", sha256(message));
    const [name, digest] = digests[algorithm];
    return this.computeSignature(key, "verbatim", digestInfo(name, digest(message)));
  }

  /** RS256 over a SHA-256 that was computed elsewhere; otherwise as `sign`. RangeError on a card with other keys, or on another length. */
  async signDigest(key: JpkiKey, digest: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#kind !== "rsa") throw new RangeError("this card does not sign RS256");
    if (digest.length !== 32) throw new RangeError("a SHA-256 has 32 bytes");
    return this.computeSignature(key, "verbatim", digestInfo("SHA-256", digest));
  }

  /** The card's own signature modes, whose input is prepared by the caller. Otherwise as `sign`. RangeError for an input of another length. */
  async computeSignature(key: JpkiKey, mode: SignatureMode, input: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    await selectFile(this.#transport, keyFiles[key]);
    return computeSignature(this.#transport, { kind: this.#kind, mode, p2: 0x80, input });
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
