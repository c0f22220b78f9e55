import { type CommandApdu, encodeResponse, parseCommand } from "../apdu.ts";
import { CardError } from "../card-error.ts";
import { StatusWord } from "../status-word.ts";
import { type Answer, CardSession, MemoryFailure, type VirtualCardOptions } from "./card-session.ts";
import type { CardState } from "./card-state.ts";
import { changeKey, changeReferenceData } from "./commands/change-pin.ts";
import { computeSignature } from "./commands/compute-signature.ts";
import { getChallenge } from "./commands/get-challenge.ts";
import { getData } from "./commands/get-data.ts";
import { internalAuthenticate } from "./commands/internal-authenticate.ts";
import { lastCommand } from "./commands/last-command.ts";
import { readBinary, readRecord } from "./commands/read.ts";
import { secureMessaging, setSessionKey } from "./commands/secure-messaging.ts";
import { select } from "./commands/select.ts";
import { terminalCertificate } from "./commands/terminal-certificate.ts";
import { verify } from "./commands/verify.ts";
import { answerToReset } from "./issuer-domain-files.ts";

export type { VirtualCardOptions };

type Command = (card: CardSession, command: CommandApdu) => Answer;

/** By CLA and INS. */
const commands = new Map<number, Command>([
  [0x00_20, verify],
  [0x00_24, changeReferenceData],
  [0x00_84, getChallenge],
  [0x00_88, internalAuthenticate],
  [0x00_a4, select],
  [0x00_b0, readBinary],
  [0x00_b2, readRecord],
  [0x00_ca, getData],
  [0x80_2a, computeSignature],
  [0x80_32, changeKey],
  [0x80_a2, terminalCertificate],
  [0x80_ae, setSessionKey],
  [0x80_fc, lastCommand],
]);

/**
 * The My Number Card in software: applications, files, PINs with counters, keys that sign and are never read. It knows
 * the file system and the commands, not what the files mean; those come with the state. Only channel 0.
 */
export class VirtualCard {
  readonly atr: Uint8Array = answerToReset;
  readonly #session: CardSession;
  #powered = false;

  /** Throws TypeError for a state that no card can be in. */
  constructor(state: CardState, options: VirtualCardOptions) {
    this.#session = new CardSession(state, options);
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
    this.#session.select(0);
  }

  /** Answers any bytes with at least a status word. Throws only `CARD_LOST`, for a card without power. */
  transmit(command: Uint8Array): Uint8Array<ArrayBuffer> {
    if (!this.#powered) throw new CardError("CARD_LOST", "the card has no power");
    const parsed = parseCommand(command);
    const answer = parsed ? this.#answer(parsed) : StatusWord.wrongLength;
    return typeof answer === "number" ? encodeResponse(answer) : encodeResponse(StatusWord.ok, answer.data);
  }

  #answer(command: CommandApdu): Answer {
    try {
      return this.#execute(command);
    } catch (error) {
      if (error instanceof MemoryFailure) return StatusWord.memoryFailure;
      throw error;
    }
  }

  #execute(command: CommandApdu): Answer {
    const card = this.#session;
    const { cla, ins } = command;
    // ISO/IEC 7816-4 §5.4.1: b4-b3 secure messaging, b2-b1 the logical channel.
    if (cla < 0x10 && (cla & 0x03) !== 0) return StatusWord.channelNotSupported;
    if (cla === 0x08 || cla === 0x0c) {
      if (card.atMasterFile) return StatusWord.secureMessagingNotSupported;
      // 0C would authenticate the header, and no key for checksums was ever agreed.
      if (cla === 0x0c && card.secureChannel) return StatusWord.secureMessagingObjectsMissing;
      return secureMessaging(card, command, (plain) => this.#execute(plain));
    }
    if (cla === 0x04) return StatusWord.secureMessagingNotSupported;
    if (cla !== 0x00 && cla !== 0x80) return StatusWord.classNotSupported;
    return commands.get(cla * 0x100 + ins)?.(card, command) ?? StatusWord.instructionNotSupported;
  }
}
