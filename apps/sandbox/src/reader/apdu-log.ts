import { type Dialogue, describe, type Exchange, freshDialogue } from "@xid/card/describe";

/** A command and its answer, in words. Bytes after the first four thousand are left out, with an ellipsis in their place. */
export type LoggedExchange = Exchange & { at: Date };

/** What was said to a card from laying it on the reader to taking it away. */
export type LoggedSession = { startedAt: Date; exchanges: LoggedExchange[] };

type Open = LoggedSession & { dialogue: Dialogue };

const sessionsPerCard = 20;
const exchangesPerSession = 500;
const cards = 2000;
const longestBytes = 4096;
/** Characters that all bytes together may have. */
const most = 16 * 1024 * 1024;
/** Of the words around the bytes, roughly. */
const overhead = 400;

/**
 * The latest sessions of the cards used last, in memory: a restart forgets them. PINs and the My Number are masked before
 * anything is kept.
 */
export class ApduLog {
  readonly #clock: () => Date;
  /** The card used last comes last. */
  readonly #cards = new Map<string, Open[]>();
  #size = 0;

  constructor(clock: () => Date) {
    this.#clock = clock;
  }

  begin(personId: string): void {
    const sessions = this.#used(personId);
    this.#cards.delete(personId);
    this.#cards.set(personId, [...sessions, { startedAt: this.#clock(), exchanges: [], dialogue: freshDialogue }]);
    if (sessions.length === sessionsPerCard) this.#forgetFirst(personId);
    while (this.#cards.size > cards) this.#forgetFirst(this.#longestUnused);
  }

  /** @param answer undefined when the card left before it answered */
  record(personId: string, command: Uint8Array, answer: Uint8Array | undefined): void {
    const session = this.#cards.get(personId)?.at(-1);
    if (!session) return;
    const { exchange, after } = describe(session.dialogue, command, answer);
    session.dialogue = after;
    const kept = { ...exchange, sent: cut(exchange.sent), received: cut(exchange.received), at: this.#clock() };
    session.exchanges.push(kept);
    this.#size += sizeOf(kept);
    if (session.exchanges.length > exchangesPerSession) this.#size -= sizeOf(session.exchanges.shift()!);
    while (this.#size > most) this.#forgetFirst(this.#longestUnused);
  }

  /** The newest session first; in each, the commands in their order. */
  of(personId: string): LoggedSession[] {
    return this.#used(personId)
      .map(({ startedAt, exchanges }) => ({ startedAt, exchanges: [...exchanges] }))
      .reverse();
  }

  get #longestUnused(): string {
    return this.#cards.keys().next().value as string;
  }

  /** Without those in which nothing was said. */
  #used(personId: string): Open[] {
    return (this.#cards.get(personId) ?? []).filter(({ exchanges }) => exchanges.length > 0);
  }

  #forgetFirst(personId: string): void {
    const sessions = this.#cards.get(personId) ?? [];
    for (const exchange of sessions.shift()?.exchanges ?? []) this.#size -= sizeOf(exchange);
    if (sessions.length === 0) this.#cards.delete(personId);
  }
}

function sizeOf({ sent, received }: LoggedExchange): number {
  return sent.length + received.length + overhead;
}

/** The status word at the end of an answer stays. */
function cut(hexadecimal: string): string {
  if (hexadecimal.length <= 2 * longestBytes) return hexadecimal;
  return `${hexadecimal.slice(0, 2 * longestBytes)}…${hexadecimal.slice(-4)}`;
}
