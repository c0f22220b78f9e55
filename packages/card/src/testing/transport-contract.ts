import { CardError, type CardErrorCode } from "../card-error.ts";
import { fromHex, toHex } from "../hex.ts";
import { JpkiApplication } from "../jpki.ts";
import type { CardConnection } from "../transport.ts";

/** A reader with one My Number Card on it, with all tries left. */
export type ReaderUnderTest = {
  /** 利用者証明用暗証番号 of the card. */
  authenticationPin: string;
  connect(): Promise<CardConnection>;
  /** Takes the card off the reader, as a hand would. */
  removeCard(): void | Promise<void>;
};

/**
 * What every way to a card promises (`CardTransport`, `CardConnection`), as checks by name. Each wants a fresh
 * `ReaderUnderTest`, and rejects when the promise is broken. No test framework: it also runs on a phone.
 */
export const transportContract: Record<string, (reader: ReaderUnderTest) => Promise<void>> = {
  async "a connection tells the answer to reset"(reader) {
    const { atr } = await reader.connect();
    if (atr[0] !== 0x3b && atr[0] !== 0x3f) broken("an answer to reset begins with 3B or 3F");
  },

  async "a connection begins with nothing selected"(reader) {
    const card = await reader.connect();
    if ((await ask(card, "00b08600 04")).endsWith("9000")) broken("the JPKI application is selected");
  },

  async "short commands of all four cases are answered"(reader) {
    const card = await reader.connect();
    equal(await ask(card, `00a4040c 0a ${jpki}`), "9000");
    equal(await ask(card, "00200098"), "63c3");
    equal(await ask(card, "00b08600 04"), `${hexOf("JPKI")}9000`);
    await ask(card, `00200098 04 ${hexOf(reader.authenticationPin)}`);
    const signature = await ask(card, `802a0097 20 ${"00".repeat(32)} 00`);
    equal(signature.slice(512), "9000");
  },

  async "an answer of 256 bytes comes whole"(reader) {
    const card = await reader.connect();
    await ask(card, `00a4040c 0a ${jpki}`);
    await ask(card, "00a4020c 02 000a");
    equal((await ask(card, "00b00000 00")).length, 2 * 258);
  },

  async "commands and answers of extended length pass"(reader) {
    const card = await reader.connect();
    await ask(card, `00a4040c 00000a ${jpki}`);
    await ask(card, "00a4020c 02 000a");
    const answer = await ask(card, "00b00000 000258");
    equal(answer.length, 2 * 602);
    equal(answer.slice(0, 4), "3082");
  },

  async "a status word that tells of an error is an answer"(reader) {
    const card = await reader.connect();
    equal(await ask(card, "00a4040c 06 a00000000101"), "6a82");
    equal(await ask(card, "00ff0000"), "6d00");
  },

  async "a command stays as it is, and may be wiped afterwards"(reader) {
    const card = await reader.connect();
    const command = bytes(`00a4040c 0a ${jpki}`);
    await card.transmit(command);
    equal(toHex(command), `00a4040c0a${jpki}`);
    command.fill(0);
    equal(await ask(card, "00200098"), "63c3");
  },

  async "an answer is the caller's own"(reader) {
    const card = await reader.connect();
    await ask(card, `00a4040c 0a ${jpki}`);
    const first = await card.transmit(bytes("00b08600 04"));
    const kept = toHex(first);
    const second = await card.transmit(bytes("00b08604 04"));
    equal(toHex(first), kept);
    first.fill(0);
    equal(toHex(second), `${hexOf("APIC")}9000`);
  },

  async "a session from PIN to signature goes through"(reader) {
    const application = await JpkiApplication.select(await reader.connect());
    await application.verifyPin("authentication", reader.authenticationPin);
    const signature = await application.sign("authentication", bytes("00"));
    equal(signature.length, 256);
  },

  async "the next connection knows nothing of a PIN verified before"(reader) {
    const card = await reader.connect();
    const application = await JpkiApplication.select(card);
    await application.verifyPin("authentication", reader.authenticationPin);
    await card.close();
    const again = await JpkiApplication.select(await reader.connect());
    await rejects(again.sign("authentication", bytes("00")), "SECURITY_STATUS");
  },

  async "a closed connection is CARD_LOST, and closes again"(reader) {
    const card = await reader.connect();
    await card.close();
    await card.close();
    await rejects(card.transmit(bytes(`00a4040c 0a ${jpki}`)), "CARD_LOST");
  },

  async "a card taken away is CARD_LOST, now and later"(reader) {
    const card = await reader.connect();
    await ask(card, `00a4040c 0a ${jpki}`);
    await reader.removeCard();
    await rejects(card.transmit(bytes("00200098")), "CARD_LOST");
    await rejects(card.transmit(bytes("00200098")), "CARD_LOST");
    await card.close();
  },
};

const jpki = "d392f000260100000001";

function bytes(hex: string): Uint8Array {
  return fromHex(hex.replaceAll(" ", "")) ?? broken("not hexadecimal");
}

function hexOf(text: string): string {
  return toHex(new TextEncoder().encode(text));
}

async function ask(card: CardConnection, command: string): Promise<string> {
  return toHex(await card.transmit(bytes(command)));
}

function equal<T>(actual: T, expected: T): void {
  if (actual !== expected) broken(`${String(actual).slice(0, 80)} instead of ${expected}`);
}

async function rejects(promise: Promise<unknown>, code: CardErrorCode): Promise<void> {
  const outcome = await promise.then(
    () => "an answer",
    (error: unknown) => (error instanceof CardError ? error.code : error),
  );
  equal(outcome, code);
}

function broken(sentence: string): never {
  throw new Error(`the transport breaks its contract: ${sentence}`);
}
