import { type Dialogue, describe, type Exchange, freshDialogue } from "@xid/card/describe";

/** A command and its answer, in words. */
export type LoggedExchange = Exchange & { at: Date };

/** What was said to a card from laying it on the reader to taking it away. */
export type LoggedSession = { startedAt: Date; exchanges: LoggedExchange[] };

type Open = LoggedSession & { dialogue: Dialogue };

const sessionsPerCard = 20;
const exchangesPerSession = 500;
const cards = 500;

/**
 * The latest sessions of the cards used last, in memory: a restart forgets them. PINs and the My Number are masked before
 * anything is kept.
 */
export class ApduLog {
  readonly #clock: () => Date;
  /** The card used last comes last. */
  readonly #cards = new Map<string, Open[]>();

  constructor(clock: () => Date) {
    this.#clock = clock;
  }

  begin(personId: string): void {
    const sessions = (this.#cards.get(personId) ?? []).filter(({ exchanges }) => exchanges.length > 0);
    this.#cards.delete(personId);
    this.#cards.set(personId, [
      ...sessions.slice(1 - sessionsPerCard),
      { startedAt: this.#clock(), exchanges: [], dialogue: freshDialogue },
    ]);
    if (this.#cards.size > cards) this.#cards.delete(this.#cards.keys().next().value as string);
  }

  /** @param answer undefined when the card left before it answered */
  record(personId: string, command: Uint8Array, answer: Uint8Array | undefined): void {
    const session = this.#cards.get(personId)?.at(-1);
    if (!session) return;
    const { exchange, after } = describe(session.dialogue, command, answer);
    session.dialogue = after;
    session.exchanges.push({ ...exchange, at: this.#clock() });
    if (session.exchanges.length > exchangesPerSession) session.exchanges.shift();
  }

  /** The newest session first; in each, the commands in their order. */
  of(personId: string): LoggedSession[] {
    const sessions = (this.#cards.get(personId) ?? []).filter(({ exchanges }) => exchanges.length > 0);
    return sessions.map(({ startedAt, exchanges }) => ({ startedAt, exchanges: [...exchanges] })).reverse();
  }
}
