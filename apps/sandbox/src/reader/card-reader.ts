import { randomBytes } from "node:crypto";
import { VirtualCard } from "@xid/card/virtual";
import { SandboxError } from "../error.ts";
import type { Database } from "../store/database.ts";
import { readCard, recordCard } from "../store/people.ts";

type Session = {
  token: string;
  personId: string;
  card: VirtualCard;
  lastUsed: number;
  /** How many APDUs until the card is taken away; undefined: it stays. */
  remaining: number | undefined;
};

/** How long a card may lie in the reader unused. */
const idleTime = 120_000;

/**
 * A contactless reader for every resident's card. Sessions live in memory: a restart is a reader without power, and what
 * the cards have counted is on the disk before they answer.
 */
export class CardReader {
  readonly #database: Database;
  readonly #clock: () => Date;
  readonly #sessions = new Map<string, Session>();
  readonly #sessionOf = new Map<string, Session>();
  readonly #removals = new Map<string, number>();

  constructor(database: Database, clock: () => Date) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Lays a resident's card on the reader, out of any session that has it. Throws PERSON_NOT_FOUND. */
  connect(personId: string): { session: string; atr: Uint8Array } {
    const state = readCard(this.#database, personId);
    this.takeCard(personId);
    const card = new VirtualCard(state, { persist: (changed) => recordCard(this.#database, personId, changed) });
    card.powerOn();
    const remaining = this.#removals.get(personId);
    this.#removals.delete(personId);
    const token = randomBytes(18).toString("base64url");
    const session = { token, personId, card, lastUsed: this.#clock().getTime(), remaining };
    this.#sessions.set(token, session);
    this.#sessionOf.set(personId, session);
    return { session: token, atr: card.atr };
  }

  /** The card's answer to a command APDU. Throws CARD_LOST when the session is over, for whatever reason. */
  transmit(token: string, command: Uint8Array): Uint8Array {
    const session = this.#sessions.get(token);
    const now = this.#clock().getTime();
    if (!session || now - session.lastUsed > idleTime || session.remaining === 0) {
      if (session) this.#end(session);
      throw new SandboxError("CARD_LOST", "the card is not in the reader");
    }
    session.lastUsed = now;
    if (session.remaining !== undefined) session.remaining--;
    return session.card.transmit(command);
  }

  /** Ends a session; nothing happens when it is over already. */
  disconnect(token: string): void {
    const session = this.#sessions.get(token);
    if (session) this.#end(session);
  }

  /** Takes the card out of the reader, as its holder does before handing it in at the city office. */
  takeCard(personId: string): void {
    const session = this.#sessionOf.get(personId);
    if (session) this.#end(session);
  }

  /** The next session of this card loses it after so many APDUs: for testing what a torn-away card does. */
  removeAfter(personId: string, commands: number): void {
    this.#removals.set(personId, commands);
  }

  #end(session: Session): void {
    session.card.powerOff();
    this.#sessions.delete(session.token);
    this.#sessionOf.delete(session.personId);
  }
}
