import { constants, createPrivateKey, type KeyObject, privateEncrypt, randomBytes, timingSafeEqual } from "node:crypto";
import { type CommandApdu, encodeResponse, parseCommand } from "../apdu.ts";
import { CardError } from "../card-error.ts";
import { toHex } from "../hex.ts";
import { StatusWord } from "../status-word.ts";
import { type CardApplication, type CardFile, type CardState, type PinFile, withFile } from "./card-state.ts";

export type VirtualCardOptions = {
  /**
   * Stores the state. Called, and returned from, before the answer that tells of a changed counter or PIN. When it
   * throws, nothing has changed and the card answers 6581.
   */
  persist(state: CardState): void;
  /** For GET CHALLENGE. */
  randomBytes?: (size: number) => Uint8Array;
};

/** A command's answer: a status word alone, or with data before it. */
type Answer = number | { data: Uint8Array };
type OpenFile = { name: string; file: CardFile };

/** The shortest beginning of a DF name that selects: a registered provider's. */
const shortestIdentifier = 5;

/**
 * The My Number Card in software: applications, files, PINs with counters, keys that sign and are never read. It knows
 * the file system, not what the files mean; those come with the state. Only channel 0, no secure messaging.
 */
export class VirtualCard {
  /** The contact interface's answer to reset; no historical bytes, T=1. */
  readonly atr: Uint8Array = Uint8Array.of(0x3b, 0xe0, 0x00, 0xff, 0x81, 0x31, 0xfe, 0x45, 0x14);
  readonly #options: VirtualCardOptions;
  readonly #keys = new Map<string, KeyObject>();
  #state: CardState;
  #powered = false;
  /** Index of the selected application; undefined after reset, where the issuer's own domain is selected. */
  #application: number | undefined;
  #currentFile: string | undefined;
  /** PIN files verified since the application was selected. */
  #verified = new Set<string>();

  constructor(state: CardState, options: VirtualCardOptions) {
    this.#state = state;
    this.#options = options;
  }

  powerOn(): void {
    this.reset();
    this.#powered = true;
  }

  powerOff(): void {
    this.reset();
    this.#powered = false;
  }

  /** Leaves the application and forgets what was verified; counters stay. */
  reset(): void {
    this.#application = undefined;
    this.#currentFile = undefined;
    this.#verified.clear();
  }

  /** Answers any bytes with at least a status word. Throws only `CARD_LOST`, for a card without power. */
  transmit(command: Uint8Array): Uint8Array<ArrayBuffer> {
    if (!this.#powered) throw new CardError("CARD_LOST", "the card has no power");
    const parsed = parseCommand(command);
    const answer = parsed ? this.#execute(parsed) : StatusWord.wrongLength;
    return typeof answer === "number" ? encodeResponse(answer) : encodeResponse(StatusWord.ok, answer.data);
  }

  #execute(command: CommandApdu): Answer {
    const { cla, ins } = command;
    if (cla >= 0x01 && cla <= 0x03) return StatusWord.channelNotSupported;
    if (cla >= 0x04 && cla <= 0x0f) return StatusWord.secureMessagingNotSupported;
    if (cla === 0x80) return ins === 0x2a ? this.#computeSignature(command) : StatusWord.instructionNotSupported;
    if (cla !== 0x00) return StatusWord.classNotSupported;
    switch (ins) {
      case 0xa4:
        return this.#select(command);
      case 0xb0:
        return this.#readBinary(command);
      case 0xb2:
        return this.#readRecord(command);
      case 0x20:
        return this.#verify(command);
      case 0x24:
        return this.#changePin(command);
      case 0x84:
        return this.#getChallenge(command);
      default:
        return StatusWord.instructionNotSupported;
    }
  }

  /** ISO/IEC 7816-4 §7.1.1. No file control information is given, whether asked for (P2 00) or not (0C). */
  #select({ p1, p2, data }: CommandApdu): Answer {
    if (p2 !== 0x00 && p2 !== 0x0c) return StatusWord.wrongParameters;
    if (p1 === 0x04) return data ? this.#selectApplication(data) : StatusWord.wrongLength;
    if (p1 === 0x02) return data?.length === 2 ? this.#selectFile(toHex(data)) : StatusWord.wrongLength;
    if (p1 !== 0x00) return StatusWord.wrongParameters;
    // There is no MF. The card denies it after reset, and claims to have selected it inside an application.
    if (data) return StatusWord.fileNotFound;
    return this.#application === undefined ? StatusWord.wrongParameters : StatusWord.ok;
  }

  #selectApplication(identifier: Uint8Array): Answer {
    const name = toHex(identifier);
    const found =
      identifier.length < shortestIdentifier
        ? -1
        : this.#state.applications.findIndex((application) => application.identifier.startsWith(name));
    if (found < 0) return StatusWord.fileNotFound;
    this.reset();
    this.#application = found;
    return StatusWord.ok;
  }

  #selectFile(name: string): Answer {
    if (!this.#file(name)) return StatusWord.fileNotFound;
    this.#currentFile = name;
    return StatusWord.ok;
  }

  /** §7.2.3, with a 15-bit offset or with an SFI and an 8-bit one. Gives what there is, up to Le. */
  #readBinary({ p1, p2, data, le }: CommandApdu): Answer {
    const bySfi = (p1 & 0x80) !== 0;
    if (bySfi && (p1 & 0x60) !== 0) return StatusWord.wrongParameters;
    const opened = this.#open(bySfi ? p1 & 0x1f : 0);
    if (typeof opened === "number") return opened;
    if (opened.file.kind !== "transparent") return StatusWord.wrongFileStructure;
    if (!this.#isOpen(opened.file.openedBy)) return StatusWord.securityStatusNotSatisfied;
    if (data || le === undefined) return StatusWord.wrongLength;
    const content = Buffer.from(opened.file.content, "base64");
    const offset = bySfi ? p2 : p1 * 0x100 + p2;
    return offset < content.length ? { data: content.subarray(offset, offset + le) } : StatusWord.offsetPastEnd;
  }

  /** §7.3.3, one record by number. */
  #readRecord({ p1, p2, data, le }: CommandApdu): Answer {
    if ((p2 & 0x07) !== 0x04) return StatusWord.wrongParameters;
    const opened = this.#open(p2 >> 3);
    if (typeof opened === "number") return opened;
    if (opened.file.kind !== "records") return StatusWord.wrongFileStructure;
    if (data || le === undefined) return StatusWord.wrongLength;
    const record = opened.file.records[p1 - 1];
    return record === undefined ? StatusWord.recordNotFound : { data: Buffer.from(record, "base64").subarray(0, le) };
  }

  /** §7.5.6. Without data it tells the tries left, also of a blocked or an already verified PIN. */
  #verify({ p1, p2, data, le }: CommandApdu): Answer {
    if (p1 !== 0x00) return StatusWord.wrongParameters;
    const opened = this.#openPin(p2);
    if (typeof opened === "number") return opened;
    if (le !== undefined) return StatusWord.wrongLength;
    const { name, pin } = opened;
    if (!data) return StatusWord.triesLeft | pin.tries;
    if (pin.tries === 0 || pin.value === null) return StatusWord.referenceLocked;
    // The try is used up before the comparison, so that a card torn away has not given one for nothing.
    if (!this.#store(name, { ...pin, tries: pin.tries - 1 })) return StatusWord.memoryFailure;
    if (!equalInConstantTime(data, Buffer.from(pin.value, "ascii"))) {
      this.#verified.delete(name);
      return StatusWord.triesLeft | (pin.tries - 1);
    }
    if (!this.#store(name, { ...pin, tries: pin.maximumTries })) return StatusWord.memoryFailure;
    this.#verified.add(name);
    return StatusWord.ok;
  }

  /** CHANGE REFERENCE DATA, P1 01: the new value only, of a PIN that is verified. Lengths are checked, letters are not. */
  #changePin({ p1, p2, data, le }: CommandApdu): Answer {
    if (p1 !== 0x01) return StatusWord.wrongParameters;
    const opened = this.#openPin(p2);
    if (typeof opened === "number") return opened;
    const { name, pin } = opened;
    if (!this.#verified.has(name)) return StatusWord.securityStatusNotSatisfied;
    if (!data || le !== undefined || data.length < pin.shortest || data.length > pin.longest) {
      return StatusWord.wrongLength;
    }
    const value = Buffer.from(data).toString("latin1");
    return this.#store(name, { ...pin, value }) ? StatusWord.ok : StatusWord.memoryFailure;
  }

  /** P1 00: PKCS #1 v1.5 type 1 padding around the data as they are, up to 245 bytes; what they hold is not inspected. */
  #computeSignature({ p1, p2, data, le }: CommandApdu): Answer {
    const sfi = referenceOf(p2);
    if (p1 !== 0x00 || sfi === undefined) return StatusWord.wrongParameters;
    const opened = this.#open(sfi);
    if (typeof opened === "number") return opened;
    const { name, file } = opened;
    if (file.kind !== "key") return StatusWord.wrongFileStructure;
    if (!this.#isOpen(file.openedBy)) return StatusWord.securityStatusNotSatisfied;
    if (file.privateKey === null) return StatusWord.conditionsNotSatisfied;
    if (!data || data.length > 245 || le === undefined || le < 256) return StatusWord.wrongLength;
    const key = this.#key(name, file.privateKey);
    return { data: privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, data) };
  }

  /** §7.5.3. Up to 256 random bytes. */
  #getChallenge({ p1, p2, data, le }: CommandApdu): Answer {
    if (p1 !== 0x00 || p2 !== 0x00) return StatusWord.wrongParameters;
    if (data || le === undefined || le > 256) return StatusWord.wrongLength;
    return { data: (this.#options.randomBytes ?? randomBytes)(le) };
  }

  get #selected(): CardApplication | undefined {
    return this.#application === undefined ? undefined : this.#state.applications[this.#application];
  }

  #file(name: string): CardFile | undefined {
    const files = this.#selected?.files;
    return files && Object.hasOwn(files, name) ? files[name] : undefined;
  }

  /** The EF that a short identifier names, which becomes the current one; 0 means the current one. */
  #open(sfi: number): OpenFile | number {
    if (sfi !== 0) {
      const status = sfi > 30 ? StatusWord.wrongParameters : this.#selectFile(sfi.toString(16).padStart(4, "0"));
      if (status !== StatusWord.ok) return status as number;
    }
    const file = this.#currentFile === undefined ? undefined : this.#file(this.#currentFile);
    return file && this.#currentFile !== undefined ? { name: this.#currentFile, file } : StatusWord.noCurrentFile;
  }

  #openPin(p2: number): { name: string; pin: PinFile } | number {
    const sfi = referenceOf(p2);
    if (sfi === undefined) return StatusWord.wrongParameters;
    const opened = this.#open(sfi);
    if (typeof opened === "number") return opened;
    return opened.file.kind === "pin" ? { name: opened.name, pin: opened.file } : StatusWord.wrongFileStructure;
  }

  #isOpen(openedBy: string[] | null): boolean {
    return openedBy === null || openedBy.some((pin) => this.#verified.has(pin));
  }

  /** False when the owner could not store it; then nothing has changed. */
  #store(name: string, pin: PinFile): boolean {
    const application = this.#selected;
    if (!application) return false;
    const next = withFile(this.#state, application.identifier, name, pin);
    try {
      this.#options.persist(next);
    } catch {
      return false;
    }
    this.#state = next;
    return true;
  }

  /** RSA keys take a millisecond to load, so they are loaded once. */
  #key(name: string, privateKey: string): KeyObject {
    const known = this.#keys.get(name);
    if (known) return known;
    const key = createPrivateKey({ key: Buffer.from(privateKey, "base64"), format: "der", type: "pkcs8" });
    this.#keys.set(name, key);
    return key;
  }
}

/** P2 of VERIFY, CHANGE REFERENCE DATA and COMPUTE DIGITAL SIGNATURE: 80 for the current EF, 80|SFI for another. */
function referenceOf(p2: number): number | undefined {
  return (p2 & 0xe0) === 0x80 ? p2 & 0x1f : undefined;
}

function equalInConstantTime(first: Uint8Array, second: Uint8Array): boolean {
  return first.length === second.length && timingSafeEqual(first, second);
}
