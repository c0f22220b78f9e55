import { createPrivateKey, type KeyObject, randomBytes } from "node:crypto";
import { StatusWord } from "../status-word.ts";
import { type CardIssuer, temporaryIssuer } from "./card-issuer.ts";
import {
  type CardApplication,
  type CardFile,
  type CardState,
  fileOf,
  type KeyFile,
  type PinFile,
  parseCardState,
  withFiles,
} from "./card-state.ts";
import { makeAtFirstUse } from "./first-use.ts";

export type VirtualCardOptions = {
  /**
   * Stores the state. Called, and returned from, before the answer that tells of a changed counter or PIN. When it
   * throws, nothing has changed and the card answers 6581.
   */
  persist(state: CardState): void;
  /** For GET CHALLENGE, salts, and nothing else: keys are made by the system's own generator. */
  randomBytes?: (size: number) => Uint8Array;
  /** Who signs what is made at its first use; asked when there is such. Default: an issuer that lives as long as the process. */
  issuer?: () => CardIssuer;
};

/** A command's answer: a status word alone, or with data before it. */
export type Answer = number | { data: Uint8Array };

export type OpenFile<File extends CardFile = CardFile> = { name: string; file: File };

/** The key of secure messaging, and the number of the command to come. */
export type SecureChannel = { key: Uint8Array; counter: bigint };

/** What a card remembers while it has power, and its memory that outlasts it: what every command works on. */
export class CardSession {
  readonly #options: VirtualCardOptions;
  readonly #keys = new Map<string, KeyObject>();
  #state: CardState;
  #selected: number;
  /** PIN files verified since the application was selected. */
  readonly #verified = new Set<string>();
  currentFile: string | undefined;
  secureChannel: SecureChannel | undefined;

  /** Throws TypeError for a state that no card can be in. */
  constructor(state: CardState, options: VirtualCardOptions) {
    this.#state = parseCardState(state);
    this.#options = options;
    this.#selected = 0;
  }

  get state(): CardState {
    return this.#state;
  }

  get application(): CardApplication {
    return this.#state.applications[this.#selected]!;
  }

  /** Whether the issuer's own domain is selected, as after power-on. */
  get atMasterFile(): boolean {
    return this.#selected === 0;
  }

  /** Forgets what was verified and agreed; counters stay. */
  select(application: number): void {
    this.#selected = application;
    this.currentFile = undefined;
    this.secureChannel = undefined;
    this.#verified.clear();
  }

  /** 6A82 when the application has no such EF. */
  selectFile(name: string): number {
    if (!this.has(name)) return StatusWord.fileNotFound;
    this.currentFile = name;
    return StatusWord.ok;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.application.files, name);
  }

  /** The EF that a short identifier names, which becomes the current one; 0 means the current one. */
  open(sfi: number): OpenFile | number {
    if (sfi !== 0) {
      const status = sfi > 30 ? StatusWord.wrongParameters : this.selectFile(sfi.toString(16).padStart(4, "0"));
      if (status !== StatusWord.ok) return status as number;
    }
    const name = this.currentFile;
    return name === undefined || !this.has(name) ? StatusWord.noCurrentFile : { name, file: this.#file(name) };
  }

  /** P2 of VERIFY and the like: 80 for the current EF, 80|SFI for another. */
  openReference(p2: number): OpenFile | number {
    return (p2 & 0xe0) === 0x80 ? this.open(p2 & 0x1f) : StatusWord.wrongParameters;
  }

  openPin(p2: number): OpenFile<PinFile> | number {
    const opened = this.openReference(p2);
    if (typeof opened === "number") return opened;
    const { name, file } = opened;
    return file.kind === "pin" ? { name, file } : StatusWord.wrongFileStructure;
  }

  /** The same file with its contents, which the issuer may have to make first. Only for a file that is open. */
  use({ name, file }: OpenFile): CardFile {
    if (file.kind !== "first-use") return file;
    const issuer = (this.#options.issuer ?? temporaryIssuer)();
    const { identifier } = this.application;
    this.#store(makeAtFirstUse(this.#state, identifier, name, issuer));
    return this.#file(name);
  }

  isOpen(openedBy: string[] | null): boolean {
    return openedBy === null || openedBy.some((pin) => this.#verified.has(pin));
  }

  isVerified(pin: string): boolean {
    return this.#verified.has(pin);
  }

  setVerified(pin: string, verified: boolean): void {
    if (verified) this.#verified.add(pin);
    else this.#verified.delete(pin);
  }

  /** Throws when the owner could not store it; then nothing has changed. */
  storePin(name: string, pin: PinFile): void {
    this.#store(withFiles(this.#state, this.application.identifier, { [name]: pin }));
  }

  /**
   * The key of a file that is open, made first if it must be; undefined when it is of another use or was never put in.
   * RSA keys take a millisecond to load, so they are loaded once.
   */
  privateKey(opened: OpenFile, use: KeyFile["use"]): KeyObject | undefined {
    const file = this.use(opened);
    if (file.kind !== "key" || file.use !== use || file.privateKey === null) return undefined;
    const { privateKey } = file;
    const known = this.#keys.get(privateKey);
    if (known) return known;
    const key = createPrivateKey({ key: Buffer.from(privateKey, "base64"), format: "der", type: "pkcs8" });
    this.#keys.set(privateKey, key);
    return key;
  }

  randomBytes(size: number): Uint8Array {
    return (this.#options.randomBytes ?? randomBytes)(size);
  }

  #file(name: string): CardFile {
    return fileOf(this.#state, this.application.identifier, name)!;
  }

  #store(next: CardState): void {
    try {
      this.#options.persist(next);
    } catch (cause) {
      throw new MemoryFailure("the card's memory could not be written", { cause });
    }
    this.#state = next;
  }
}

/** Ends a command with 6581. */
export class MemoryFailure extends Error {}
