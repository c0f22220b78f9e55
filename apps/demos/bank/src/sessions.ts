import { randomBytes } from "node:crypto";

/** A sign-in under way in one tab. */
export type Pending = { intent: "open" | "sign-in"; transaction: string };

export type Session = {
  /** Who is signed in. */
  subject?: string;
  /** What the provider calls their sign-in. */
  sessionId?: string;
  /** By `state`; a person may have several tabs. */
  pending: Map<string, Pending>;
  /** Shown once on the next page. */
  notice?: "already-customer";
  /** Milliseconds since 1970. */
  usedAt: number;
};

const idle = 30 * 60_000;
const most = 10_000;
const mostPending = 5;

/** Sessions in memory: a restart signs everyone out, as at many a bank. Bounded; the longest unused go first. */
export class Sessions {
  // in order of last use
  #sessions = new Map<string, Session>();
  #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  find(id: string | undefined): Session | undefined {
    const session = id === undefined ? undefined : this.#sessions.get(id);
    if (!session || id === undefined) return undefined;
    this.#sessions.delete(id);
    if (this.#clock() - session.usedAt > idle) return undefined;
    session.usedAt = this.#clock();
    this.#sessions.set(id, session);
    return session;
  }

  create(): { id: string; session: Session } {
    const id = randomBytes(32).toString("base64url");
    const session: Session = { pending: new Map(), usedAt: this.#clock() };
    this.#sessions.set(id, session);
    if (this.#sessions.size > most) this.#sessions.delete(this.#sessions.keys().next().value!);
    return { id, session };
  }

  remove(id: string | undefined): void {
    if (id !== undefined) this.#sessions.delete(id);
  }

  /** The sign-in that the provider calls so has ended. */
  end(sessionId: string): void {
    for (const [id, session] of this.#sessions) if (session.sessionId === sessionId) this.#sessions.delete(id);
  }
}

/** Keeps a sign-in until its callback; the oldest gives way. */
export function remember(session: Session, state: string, pending: Pending): void {
  session.pending.set(state, pending);
  if (session.pending.size > mostPending) session.pending.delete(session.pending.keys().next().value!);
}

/** Takes it out: a callback is answered once. */
export function take(session: Session | undefined, state: string | undefined): Pending | undefined {
  if (!session || state === undefined) return undefined;
  const pending = session.pending.get(state);
  session.pending.delete(state);
  return pending;
}
