import { CardError, type PoweredCard } from "@xid/card";
import { HttpCardReader, type HttpCardSession } from "@xid/card/http";

/** A resident's card, still in the sandbox: power is a session at the sandbox's reader, APDUs are passed through. */
export class RemoteCard implements PoweredCard {
  readonly atr: Uint8Array;
  readonly #reader: HttpCardReader;
  readonly #personId: string;
  #session: HttpCardSession | undefined;

  private constructor(reader: HttpCardReader, personId: string, atr: Uint8Array) {
    this.#reader = reader;
    this.#personId = personId;
    this.atr = atr;
  }

  /** Asks for the answer to reset; the card is off when this returns. Throws `CardError`. */
  static async find(sandbox: string, personId: string): Promise<RemoteCard> {
    const reader = new HttpCardReader(sandbox);
    const session = await reader.connect(personId);
    await session.close();
    return new RemoteCard(reader, personId, session.atr);
  }

  async powerOn(): Promise<void> {
    await this.powerOff();
    this.#session = await this.#reader.connect(this.#personId);
  }

  async powerOff(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }

  /** A new session is a card fresh from reset: nothing selected, nothing verified. */
  reset(): Promise<void> {
    return this.powerOn();
  }

  /** `CARD_LOST` when somebody else has laid the card on the sandbox's reader. */
  transmit(command: Uint8Array): Promise<Uint8Array> {
    if (!this.#session) throw new CardError("CARD_LOST", "the card has no power");
    return this.#session.transmit(command);
  }
}
