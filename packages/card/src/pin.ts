import { encodeCommand, parseResponse } from "./apdu.ts";
import { CardError } from "./card-error.ts";
import { selectFile, transceive, unexpected } from "./file.ts";
import { StatusWord, triesLeftOf } from "./status-word.ts";
import type { CardTransport } from "./transport.ts";

/** A PIN of the card: where it is kept, what it can be, and how often it may be wrong. */
export type Pin = {
  file: number;
  pattern: RegExp;
  tries: number;
  /** What a new value has to be, where that is more than `pattern`. */
  newPattern?: RegExp;
  /** Set where the application changes it by JICSAP's CHANGE KEY and not by CHANGE REFERENCE DATA. */
  change?: "key";
};

/** What the card says of a PIN's counter. Costs no try. 0 means blocked. */
export async function triesLeft(transport: CardTransport, pin: Pin): Promise<number> {
  await selectFile(transport, pin.file);
  const { statusWord } = await transceive(transport, { cla: 0x00, ins: 0x20, p1: 0x00, p2: 0x80 });
  const remaining = triesLeftOf(statusWord);
  if (remaining !== undefined) return remaining;
  if (isBlocked(statusWord)) return 0;
  // Some cards say 9000 once the PIN is verified, and the verification has restored the counter.
  if (statusWord === StatusWord.ok) return pin.tries;
  throw unexpected("VERIFY", statusWord);
}

/**
 * VERIFY, sent once or not at all: `PIN_FORMAT`, `PIN_BLOCKED` and `LAST_TRY` before it, `PIN_WRONG` and `PIN_BLOCKED`
 * after it. When the card is lost in the middle, whether the try counted is known only from the next `triesLeft`.
 */
export async function verifyPin(
  transport: CardTransport,
  pin: Pin,
  value: string,
  options: { lastTryAllowed?: boolean } = {},
): Promise<void> {
  requirePinForm(pin, value);
  requireTries(await triesLeft(transport, pin), options);
  const statusWord = await transmitPin(transport, { cla: 0x00, ins: 0x20, p1: 0x00 }, value);
  if (statusWord !== StatusWord.ok) throw verificationError(statusWord);
}

/** Sets a new value, after `verifyPin` of the old one in the same session (else `SECURITY_STATUS`). Only the new value is sent. */
export async function changePin(transport: CardTransport, pin: Pin, newValue: string): Promise<void> {
  requirePinForm({ ...pin, pattern: pin.newPattern ?? pin.pattern }, newValue);
  await selectFile(transport, pin.file);
  const command = pin.change === "key" ? { cla: 0x80, ins: 0x32, p1: 0x00 } : { cla: 0x00, ins: 0x24, p1: 0x01 };
  const statusWord = await transmitPin(transport, command, newValue);
  if (statusWord !== StatusWord.ok) throw unexpected("the change of the PIN", statusWord);
}

export function requirePinForm({ pattern }: Pin, value: string): void {
  if (!pattern.test(value)) throw new CardError("PIN_FORMAT", "not a value that this PIN can have");
}

/** `PIN_BLOCKED` without a try, `LAST_TRY` with one that may not be used. */
export function requireTries(remaining: number, { lastTryAllowed = false }: { lastTryAllowed?: boolean }): void {
  if (remaining === 0) throw new CardError("PIN_BLOCKED", "the PIN is blocked", { remaining });
  if (remaining === 1 && !lastTryAllowed) throw new CardError("LAST_TRY", "one try is left", { remaining });
}

async function transmitPin(
  transport: CardTransport,
  { cla, ins, p1 }: { cla: number; ins: number; p1: number },
  value: string,
): Promise<number> {
  const data = Uint8Array.from(value, (character) => character.charCodeAt(0));
  const command = encodeCommand({ cla, ins, p1, p2: 0x80, data });
  try {
    return parseResponse(await transport.transmit(command)).statusWord;
  } finally {
    command.fill(0);
    data.fill(0);
  }
}

function verificationError(statusWord: number): CardError {
  const remaining = triesLeftOf(statusWord);
  if (remaining === 0 || isBlocked(statusWord)) {
    return new CardError("PIN_BLOCKED", "the PIN is blocked", { remaining: 0, statusWord });
  }
  if (remaining !== undefined) return new CardError("PIN_WRONG", "the PIN is wrong", { remaining, statusWord });
  if (statusWord === StatusWord.verificationFailed)
    return new CardError("PIN_WRONG", "the PIN is wrong", { statusWord });
  return unexpected("VERIFY", statusWord);
}

function isBlocked(statusWord: number): boolean {
  return statusWord === StatusWord.referenceLocked || statusWord === StatusWord.authenticationMethodBlocked;
}
