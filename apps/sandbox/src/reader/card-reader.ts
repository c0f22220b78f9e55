import { randomBytes } from "node:crypto";
import { type CardIssuer, type CardState, VirtualCard } from "@xid/card/virtual";
import { SandboxError } from "../error.ts";
import type { Faults } from "../faults/faults.ts";
import type { Database } from "../store/database.ts";
import { readCard, readPhone, recordCard, recordPhone } from "../store/people.ts";
import { ApduLog } from "./apdu-log.ts";

type Session = {
  token: string;
  personId: string;
  card: VirtualCard;
  lastUsed: number;
  /** Commands that have come. */
  commands: number;
};

/** No resident's id has a full stop. */
const phoneSuffix = ".phone";

/** How long a card may lie in the reader unused. */
const idleTime = 120_000;

/**
 * A contactless reader for every resident's card. Sessions live in memory: a restart is a reader without power, and what
 * the cards have counted is on the disk before they answer.
 */
export class CardReader {
  readonly #database: Database;
  readonly #clock: () => Date;
  /** Who signed the cards. */
  readonly issuer: () => CardIssuer;
  readonly #sessions = new Map<string, Session>();
  readonly #sessionOf = new Map<string, Session>();
  readonly #faults: Faults;
  /** What was said to the cards. */
  readonly log: ApduLog;

  constructor(database: Database, clock: () => Date, faults: Faults, issuer: () => CardIssuer) {
    this.#database = database;
    this.#clock = clock;
    this.#faults = faults;
    this.issuer = issuer;
    this.log = new ApduLog(clock);
  }

  /**
   * Lays a resident's card on the reader, or with `.phone` after the resident's id the phone that has certificates; out of
   * any session that has it. Throws PERSON_NOT_FOUND, CARD_ABSENT, PHONE_ABSENT.
   */
  connect(personId: string): { session: string; atr: Uint8Array } {
    const isPhone = personId.endsWith(phoneSuffix);
    const holder = isPhone ? personId.slice(0, -phoneSuffix.length) : personId;
    const state = isPhone ? readPhone(this.#database, holder) : readCard(this.#database, holder);
    this.#take(personId);
    const persist = (changed: CardState) => (isPhone ? recordPhone : recordCard)(this.#database, holder, changed);
    const card = new VirtualCard(state, { persist, issuer: this.issuer });
    card.powerOn();
    const token = randomBytes(18).toString("base64url");
    const session = { token, personId, card, lastUsed: this.#clock().getTime(), commands: 0 };
    this.#sessions.set(token, session);
    this.#sessionOf.set(personId, session);
    this.log.begin(personId);
    return { session: token, atr: card.atr };
  }

  /** The card's answer to a command APDU. Throws CARD_LOST when the session is over, for whatever reason. */
  transmit(token: string, command: Uint8Array): Uint8Array {
    const session = this.#sessions.get(token);
    const now = this.#clock().getTime();
    if (!session || now - session.lastUsed > idleTime) throw this.#lose(session);
    session.lastUsed = now;
    session.commands++;
    const whom = { person: session.personId };
    if (this.#faults.find("card-torn", whom)?.apdu === session.commands) {
      if (this.#faults.take("card-torn", whom)?.carriedOut) session.card.transmit(command);
      this.log.record(session.personId, command, undefined);
      throw this.#lose(session);
    }
    const answer = session.card.transmit(command);
    this.log.record(session.personId, command, answer);
    return answer;
  }

  /** Ends a session; nothing happens when it is over already. */
  disconnect(token: string): void {
    const session = this.#sessions.get(token);
    if (session) this.#end(session);
  }

  /** Takes card and phone out of the reader, as their holder does before going to the city office. */
  takeCard(personId: string): void {
    this.#take(personId);
    this.#take(personId + phoneSuffix);
  }

  #take(personId: string): void {
    const session = this.#sessionOf.get(personId);
    if (session) this.#end(session);
  }

  #lose(session: Session | undefined): SandboxError {
    if (session) this.#end(session);
    return new SandboxError("CARD_LOST", "the card is not in the reader");
  }

  #end(session: Session): void {
    session.card.powerOff();
    this.#sessions.delete(session.token);
    this.#sessionOf.delete(session.personId);
  }
}
