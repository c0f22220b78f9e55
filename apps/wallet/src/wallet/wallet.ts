import { type CardAuthority, CardError, parseCardAuthorities } from "@xid/card";
import {
  type EnrolmentResult,
  type EnrolmentStart,
  parseRequestLink,
  type RequestDisplay,
  type RequestLink,
  toBase64url,
} from "@xid/protocol";
import { type DeviceKeys, type SignWithCard, WalletClient } from "@xid/protocol/wallet-client";
import type { AppConfig, CardReader, Platform } from "../platform/ports.ts";
import { WalletError } from "../wallet-error.ts";
import { AppPin } from "./app-pin.ts";
import { fetchCardAuthorities } from "./fetch-card-authorities.ts";
import { readStored, type Stored, updateStored } from "./stored.ts";
import { keepWaitingRequests, readWaitingRequests, type WaitingRequests } from "./waiting-requests.ts";

/** An enrolment that has begun: the card has signed nothing yet. */
export type BegunEnrolment = { start: EnrolmentStart; keys: string; client: WalletClient };

/** What the app knows and can do, without a screen. */
export class Wallet {
  readonly config: AppConfig;
  readonly platform: Platform;
  readonly pin: AppPin;
  readonly reader: CardReader;
  #stored: Stored;
  readonly #clients = new Map<string, WalletClient>();
  #newKeys: string | null = null;

  private constructor(platform: Platform, config: AppConfig, stored: Stored) {
    this.platform = platform;
    this.config = config;
    this.pin = new AppPin(platform.secrets, platform.pinHash, platform.randomBytes);
    this.reader = platform.createCardReader(config);
    this.#stored = stored;
  }

  static async open(platform: Platform): Promise<Wallet> {
    const [config, stored] = await Promise.all([platform.loadConfig(), readStored(platform.secrets)]);
    return new Wallet(platform, config, stored);
  }

  get stored(): Stored {
    return this.#stored;
  }

  /** Reads again what is stored: another window may have changed it. */
  async reload(): Promise<void> {
    this.#stored = await readStored(this.platform.secrets);
  }

  async update(change: Partial<Stored>): Promise<void> {
    this.#stored = await updateStored(this.platform.secrets, change);
  }

  /** Throws `ProtocolError` MALFORMED for anything but a link to this app. */
  parseLink(text: string): RequestLink {
    return parseRequestLink(this.config.appUrl, text);
  }

  /** Speaks for the enrolled device. UNAVAILABLE when it is not enrolled or its keys are gone. */
  async client(): Promise<WalletClient> {
    const { enrolment } = this.#stored;
    if (!enrolment) throw new WalletError("UNAVAILABLE", "this device is not enrolled");
    return this.#clientFor(enrolment.keys);
  }

  /**
   * Whose signatures on a card's contents count. Rejects with `CardError`: READER_UNAVAILABLE when the sandbox does not tell,
   * ISSUER_UNKNOWN when this app was built without.
   */
  async cardAuthorities(): Promise<CardAuthority[]> {
    const { cardAuthorities, sandboxUrl } = this.config;
    if (cardAuthorities !== null) return parseCardAuthorities(cardAuthorities);
    if (!sandboxUrl) throw new CardError("ISSUER_UNKNOWN", "this app knows no issuer of cards");
    return fetchCardAuthorities(sandboxUrl);
  }

  readWaiting(): Promise<WaitingRequests> {
    return readWaitingRequests(this.platform.windowMemory, this.config.appUrl, Date.now());
  }

  keepWaiting(waiting: WaitingRequests): Promise<void> {
    return keepWaitingRequests(this.platform.windowMemory, this.config.appUrl, waiting, Date.now());
  }

  /** Asks the platform what a link stands for. The same device may ask again. */
  async openRequest(link: RequestLink): Promise<RequestDisplay> {
    const client = await this.client();
    return client.openRequest(link.requestId, { via: link.via, ...(link.code ? { code: link.code } : {}) });
  }

  /** With new keys; a device that is enrolled already keeps its own, and its person. */
  async beginEnrolment(): Promise<BegunEnrolment> {
    await this.reload();
    const keys = this.#stored.enrolment?.keys ?? (await this.#createKeys());
    const client = await this.#clientFor(keys);
    return { start: await client.startEnrolment(), keys, client };
  }

  /** Has the card sign, and keeps what it signed until the platform has answered. */
  async signEnrolment({ start, keys, client }: BegunEnrolment, signWithCard: SignWithCard): Promise<void> {
    const { name, deviceName } = this.platform;
    const device = { name: deviceName.slice(0, 64), platform: name, keyLevel: this.platform.keys.keyLevel };
    const completion = await client.signEnrolment(start, device, signWithCard);
    await this.update({ pending: { enrolmentId: start.enrolmentId, completion, keys } });
  }

  /** Sends what the card has signed. On `completed` this device is enrolled. */
  async completeEnrolment(otherDevices?: "replace" | "keep"): Promise<EnrolmentResult> {
    const { pending } = this.#stored;
    if (!pending) throw new WalletError("UNAVAILABLE", "nothing is waiting to be sent");
    const client = await this.#clientFor(pending.keys);
    const completion = { ...pending.completion, ...(otherDevices ? { otherDevices } : {}) };
    if (otherDevices) await this.update({ pending: { ...pending, completion } });
    const result = await client.completeEnrolment(pending.enrolmentId, completion);
    if (result.state === "completed") {
      await this.update({ enrolment: { deviceId: result.deviceId, keys: pending.keys }, pending: null });
    }
    return result;
  }

  /** Drops what was signed: the platform will never take it. */
  async dropPending(): Promise<void> {
    const { pending, enrolment } = this.#stored;
    await this.update({ pending: null });
    if (pending && pending.keys !== enrolment?.keys) await this.#forgetKeys(pending.keys);
  }

  /** The platform no longer knows this device, or its keys are gone. */
  async forgetEnrolment(): Promise<void> {
    const { enrolment } = this.#stored;
    await this.update({ enrolment: null, pending: null });
    if (enrolment) await this.#forgetKeys(enrolment.keys);
  }

  /** In the place of those of an attempt that came to nothing. */
  async #createKeys(): Promise<string> {
    if (this.#newKeys && this.#newKeys !== this.#stored.pending?.keys) await this.#forgetKeys(this.#newKeys);
    const name = toBase64url(this.platform.randomBytes(9));
    this.#newKeys = name;
    this.#clients.set(name, this.#createClient(await this.platform.keys.create(name)));
    return name;
  }

  async #forgetKeys(name: string): Promise<void> {
    this.#clients.delete(name);
    await this.platform.keys.delete(name);
  }

  async #clientFor(keys: string): Promise<WalletClient> {
    const { enrolment } = this.#stored;
    const client = this.#clients.get(keys) ?? this.#createClient(await this.platform.keys.load(keys));
    if (enrolment?.keys === keys) client.deviceId = enrolment.deviceId;
    this.#clients.set(keys, client);
    return client;
  }

  #createClient(keys: DeviceKeys): WalletClient {
    const { randomBytes, envelopeCrypto: crypto } = this.platform;
    const createHolderKey = async () => (await import("./holder-key.ts")).createHolderKey(randomBytes);
    // Where there is WebCrypto, it is what the client takes by itself.
    const presenting = crypto ? { crypto, createHolderKey } : {};
    return new WalletClient({ platformUrl: this.config.platformUrl, keys, randomBytes, presenting });
  }
}
