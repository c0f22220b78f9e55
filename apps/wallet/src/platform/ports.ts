import type { CardTransport } from "@xid/card";
import type { EnrolmentCompletion, EnvelopeCrypto } from "@xid/protocol";
import type { DeviceKeys } from "@xid/protocol/wallet-client";
import type { Language } from "../i18n/language.ts";

/** Where the app finds its counterparts. */
export type AppConfig = {
  /** Issuer URL, without a trailing slash. */
  platformUrl: string;
  /** Base URL of links to this app. */
  appUrl: string;
  /** The simulated world with its card reader; null outside the sandbox. */
  sandboxUrl: string | null;
  /** Keys of the system that certifies cards' issuers, as `parseCardAuthorities` takes them; null: those of the sandbox. */
  cardAuthorities: unknown;
};

export type ReaderAvailability = "ready" | "off" | "absent";

/** A card that is chosen from a list, because no real one can be held to this device. */
export type SandboxCard = { id: string; name: string; persona: { ja: string; en: string } };

/** One card on the reader, until `close`. `transmit` rejects with `CardError`. */
export interface CardSession extends CardTransport {
  /** Text in the system's own reading sheet, where there is one. */
  say(text: string): Promise<void>;
  close(outcome: { text: string; success: boolean }): Promise<void>;
}

/** Reads My Number Cards. Rejects with `CardError`, or `WalletError` CANCELLED. */
export interface CardReader {
  availability(): Promise<ReaderAvailability>;
  /** The cards to choose from; null where a real card is held to the device. */
  readonly cards: (() => Promise<SandboxCard[]>) | null;
  /** Resolves when a card is there. `card` is the chosen one, where cards are chosen. */
  connect(options: { card: string | null; prompt: string; signal: AbortSignal }): Promise<CardSession>;
}

/** Keeps sets of device keys by name. Private keys never leave it. Rejects with `WalletError`. */
export interface DeviceKeyStore {
  /** What the platform may believe about the weakest of the keys. */
  readonly keyLevel: EnrolmentCompletion["device"]["keyLevel"];
  create(name: string): Promise<DeviceKeys>;
  /** UNAVAILABLE when there is no such set, or the system has thrown it away. */
  load(name: string): Promise<DeviceKeys>;
  delete(name: string): Promise<void>;
}

/** Makes sure that the holder of the device is who they were when it was set up. Rejects with `WalletError`. */
export interface UserVerification {
  available(): Promise<boolean>;
  enable(): Promise<void>;
  verify(reason: string): Promise<void>;
}

/** Small texts that stay on this device and out of backups. */
export interface SecretStore {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** Runs one `work` at a time, over all windows of the app. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
}

/** One text that outlives a reload of this window, and is no other window's. */
export interface WindowMemory {
  read(): Promise<string | null>;
  write(text: string | null): Promise<void>;
}

/** Slow hashing of the app PIN: PBKDF2 with HMAC-SHA-256, 32 bytes. */
export interface PinHash {
  readonly iterations: number;
  derive(pin: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<Uint8Array>;
}

/** Messages to the app in the form of URLs. All of them are untrusted. */
export interface Links {
  /** Calls with the link that opened the app, and each that comes later; each link once. */
  subscribe(listener: (url: string) => void): () => void;
  /** Leaves the app for a page of the platform. */
  open(url: string): Promise<void>;
}

/** Gives a text away as a file: a download, or the system's sheet to share it. Resolves when that was begun. */
export type SaveFile = (name: string, text: string) => Promise<void>;

/** Speaks to those who do not see the screen. */
export interface Announcer {
  /** A new screen is there: says its title or moves the focus to it. */
  screenEntered(title: string): void;
  languageChanged(language: Language): void;
}

/** The system's or browser's "back". */
export interface BackButton {
  /** How many screens lie above the first one. */
  depthChanged(depth: number): void;
  /** `depth` is how many screens should be left above the first one. */
  subscribe(listener: (depth: number) => void): () => void;
}

/** Everything that differs between a browser and a phone. */
export type Platform = {
  name: EnrolmentCompletion["device"]["platform"];
  /** Such as "Chrome on Windows": what the person sees in a list of their devices. */
  deviceName: string;
  loadConfig(): Promise<AppConfig>;
  createCardReader(config: AppConfig): CardReader;
  randomBytes(length: number): Uint8Array<ArrayBuffer>;
  keys: DeviceKeyStore;
  userVerification: UserVerification;
  secrets: SecretStore;
  windowMemory: WindowMemory;
  pinHash: PinHash;
  links: Links;
  saveFile: SaveFile;
  announcer: Announcer;
  backButton: BackButton;
  /** Where there is no WebCrypto, what stands in for it. */
  envelopeCrypto: EnvelopeCrypto | null;
  /** Loads the app anew; null where it is installed, and nothing is ever loaded. */
  restart: (() => void) | null;
};
