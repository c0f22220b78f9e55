import { CardError, type CardTransport } from "@xid/card";
import { WalletError } from "../../wallet-error.ts";
import type { SelectedApplication } from "./card-task.ts";
import type { CardProblem, PasswordFate, ReadingPurpose, ReadingStep } from "./machine.ts";

export type CardReading = {
  purpose: ReadingPurpose;
  /** Not used for `count`. */
  password: string;
  lastTryAllowed: boolean;
  onStep: (step: ReadingStep) => void;
  select: (transport: CardTransport) => Promise<SelectedApplication>;
};

export type CardOutcome =
  | { type: "signed" }
  | { type: "counted"; triesLeft: number }
  | { type: "failed"; problem: CardProblem }
  | { type: "stop" };

/**
 * One card session, from SELECT to what the card is to give. Asks for the tries left before it gives the password to the card,
 * and gives it once. What is said about the password's fate comes from the commands that went over the wire.
 * Rejects only with what the application's `work` threw that is no `CardError`.
 */
export async function readCard(transport: CardTransport, reading: CardReading): Promise<CardOutcome> {
  const watched = new WatchedTransport(transport);
  try {
    reading.onStep("selecting");
    const application = await reading.select(watched);
    reading.onStep("counting");
    const triesLeft = await application.triesLeft();
    if (reading.purpose === "count") return { type: "counted", triesLeft };
    if (triesLeft === 1 && !reading.lastTryAllowed) return { type: "counted", triesLeft };
    reading.onStep("verifying");
    await application.verifyPin(reading.password, { lastTryAllowed: reading.lastTryAllowed });
    reading.onStep(application.step);
    await application.work();
    return { type: "signed" };
  } catch (error) {
    if (error instanceof WalletError && error.code === "CANCELLED") return { type: "stop" };
    if (!(error instanceof CardError)) throw error;
    return { type: "failed", problem: toProblem(error, watched.fate) };
  }
}

export function toProblem(error: CardError, fate: PasswordFate): CardProblem {
  switch (error.code) {
    case "PIN_WRONG":
      return { code: "PIN_WRONG", triesLeft: error.remaining ?? null };
    case "LAST_TRY":
      return { code: "PIN_WRONG", triesLeft: 1 };
    case "PIN_BLOCKED":
    case "CERTIFICATE_ABSENT":
    case "NOT_A_MY_NUMBER_CARD":
      return { code: error.code };
    case "CARD_LOST":
    case "READER_UNAVAILABLE":
      return { code: error.code, fate };
    case "CARD_ABSENT":
      return { code: "CARD_LOST", fate };
    case "PIN_FORMAT":
    case "SECURITY_STATUS":
    case "FILE_NOT_FOUND":
    case "UNEXPECTED_STATUS":
    case "MALFORMED_RESPONSE":
    case "SECURE_MESSAGING":
      return { code: "CARD_UNREADABLE", fate };
    case "ISSUER_UNKNOWN":
    case "NOT_AUTHENTIC":
      return { code: "NOT_AUTHENTIC" };
  }
}

/** ISO/IEC 7816-4: VERIFY; with a data field it is an attempt, without one a question. */
const verify = 0x20;
const headerLength = 5;

class WatchedTransport implements CardTransport {
  fate: PasswordFate = "unused";
  readonly #transport: CardTransport;

  constructor(transport: CardTransport) {
    this.#transport = transport;
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    if (command[1] !== verify || command.length <= headerLength) return this.#transport.transmit(command);
    this.fate = "uncertain";
    const response = await this.#transport.transmit(command);
    if (response.at(-2) === 0x90 && response.at(-1) === 0x00) this.fate = "accepted";
    return response;
  }
}
