import { CardError } from "../card-error.ts";
import type { CardConnection } from "../transport.ts";
import { type Handle, loadWinscard, pcscResult, type ReaderState, readerState, type Winscard } from "./winscard.ts";

/** The largest response APDU. */
const largestAnswer = 0x10002;
/** How long the service is asked to wait for a card before it is asked again. */
const waitingTime = 1_000;

/** A card reader of this computer, as its PC/SC service tells of it (pcscd, macOS, Windows). */
export class PcscReader {
  readonly name: string;
  /** Whether a card was in it when it was listed: any card. */
  readonly cardPresent: boolean;

  private constructor({ name, state }: ReaderState) {
    this.name = name;
    this.cardPresent = (state & readerState.present) !== 0;
  }

  /** The readers that are connected, perhaps none. `READER_UNAVAILABLE` when there is no PC/SC service. */
  static async list(): Promise<PcscReader[]> {
    const winscard = await loadWinscard();
    return withContext(winscard, async (context) => {
      const names = await readerNames(winscard, context);
      if (names.length === 0) return [];
      const unknown = names.map((name) => ({ name, state: 0 }));
      const { result, value } = await winscard.getStatusChange(context, 0, unknown);
      if (result !== pcscResult.ok && result !== pcscResult.timeout) throw toError(result);
      return value.map((state) => new PcscReader(state));
    });
  }

  /**
   * Takes the card in this reader for this program alone, fresh from a reset. Without a card it is `CARD_ABSENT`; with
   * `waitUntil` it waits for one until that signal. `READER_UNAVAILABLE` when another program holds the card.
   */
  async connect({ waitUntil }: { waitUntil?: AbortSignal } = {}): Promise<CardConnection> {
    const winscard = await loadWinscard();
    const { result, value: context } = await winscard.establishContext();
    if (result !== pcscResult.ok) throw toError(result);
    try {
      if (waitUntil) await waitForCard(winscard, context, this.name, waitUntil);
      return await PcscConnection.open(winscard, context, this.name);
    } catch (error) {
      await winscard.releaseContext(context);
      throw error;
    }
  }
}

class PcscConnection implements CardConnection {
  readonly atr: Uint8Array;
  readonly #winscard: Winscard;
  readonly #context: Handle;
  readonly #card: Handle;
  readonly #protocol: number;
  readonly #answer = new Uint8Array(largestAnswer);
  #open = true;

  private constructor(winscard: Winscard, context: Handle, card: Handle, protocol: number, atr: Uint8Array) {
    this.#winscard = winscard;
    this.#context = context;
    this.#card = card;
    this.#protocol = protocol;
    this.atr = atr;
  }

  static async open(winscard: Winscard, context: Handle, reader: string): Promise<PcscConnection> {
    const { result, value } = await winscard.connect(context, reader);
    if (result !== pcscResult.ok) throw toError(result);
    const { card, protocol } = value;
    const failure = await winscard.reconnect(card);
    const states = await winscard.getStatusChange(context, 0, [{ name: reader, state: 0 }]);
    if (failure !== pcscResult.ok) {
      await winscard.disconnect(card);
      throw toError(failure);
    }
    return new PcscConnection(winscard, context, card, protocol, states.value[0]!.atr);
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    if (!this.#open) throw new CardError("CARD_LOST", "the connection was closed");
    const { result, value } = await this.#winscard.transmit(this.#card, this.#protocol, command, this.#answer);
    if (result !== pcscResult.ok) throw lost(result);
    const answer = this.#answer.slice(0, value);
    this.#answer.fill(0, 0, value);
    return answer;
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#winscard.disconnect(this.#card);
    await this.#winscard.releaseContext(this.#context);
  }
}

async function withContext<T>(winscard: Winscard, work: (context: Handle) => Promise<T>): Promise<T> {
  const { result, value: context } = await winscard.establishContext();
  if (result !== pcscResult.ok) throw toError(result);
  try {
    return await work(context);
  } finally {
    await winscard.releaseContext(context);
  }
}

async function readerNames(winscard: Winscard, context: Handle): Promise<string[]> {
  const { result, value } = await winscard.listReaders(context);
  if (result === pcscResult.noReaders) return [];
  if (result !== pcscResult.ok) throw toError(result);
  return value;
}

async function waitForCard(winscard: Winscard, context: Handle, name: string, signal: AbortSignal): Promise<void> {
  const cancel = () => winscard.cancel(context);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    for (let state = 0; !signal.aborted; ) {
      const { result, value } = await winscard.getStatusChange(context, waitingTime, [{ name, state }]);
      if (result === pcscResult.timeout || result === pcscResult.cancelled) continue;
      if (result !== pcscResult.ok) throw toError(result);
      state = value[0]!.state & ~readerState.changed;
      if ((state & readerState.present) !== 0 && (state & readerState.mute) === 0) return;
    }
    throw new CardError("CARD_ABSENT", "no card was put into the reader");
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** While a command is under way, everything but a vanished reader means that this card's session is over. */
function lost(result: number): CardError {
  const cause = toError(result);
  const readerVanished = [
    pcscResult.noService,
    pcscResult.serviceStopped,
    pcscResult.unknownReader,
    pcscResult.readerUnavailable,
  ] as number[];
  return readerVanished.includes(result) ? cause : new CardError("CARD_LOST", "the card left the reader", { cause });
}

function toError(result: number): CardError {
  switch (result) {
    case pcscResult.noCard:
    case pcscResult.removedCard:
      return new CardError("CARD_ABSENT", "no card is in the reader");
    case pcscResult.unresponsiveCard:
      return new CardError("CARD_ABSENT", "the card in the reader does not answer; it may lie the wrong way");
    case pcscResult.noService:
    case pcscResult.serviceStopped:
      return new CardError("READER_UNAVAILABLE", "no smart card service is running (Debian: systemctl start pcscd)");
    case pcscResult.noReaders:
    case pcscResult.unknownReader:
    case pcscResult.readerUnavailable:
      return new CardError("READER_UNAVAILABLE", "the reader is not connected");
    case pcscResult.sharingViolation:
      return new CardError("READER_UNAVAILABLE", "another program is using the card");
    default:
      return new CardError("READER_UNAVAILABLE", `the reader failed with PC/SC code ${result.toString(16)}`);
  }
}
