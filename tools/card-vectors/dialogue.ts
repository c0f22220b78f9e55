import { type CardState, VirtualCard } from "@xid/card/virtual";

/** One command and what must come of it; data before the status word is taken from the card. */
export type Step = {
  /** Hexadecimal; blanks are only for the reader. */
  send: string;
  status: string;
  /** The answer has the card's random bytes in it. */
  random?: true;
};

/** A good dialogue, and ways to break it, each in one place. */
export type Dialogue = {
  id: string;
  about: string;
  steps: Step[];
  broken?: {
    id: string;
    about: string;
    /** How many of the good steps come first. Default: all but the last. */
    after?: number;
    steps: Step[];
  }[];
};

export type Exchange = { command: string; response: string; random?: true };

export type RecordedDialogue = {
  id: string;
  about: string;
  /** Whether a reader with the right PINs that makes no mistake says this. */
  good: boolean;
  exchanges: Exchange[];
};

/** Steps that all succeed. */
export function good(...commands: string[]): Step[] {
  return commands.map((send) => ({ send, status: "9000" }));
}

export function step(send: string, status: string): Step {
  return { send, status };
}

/** What the card says, in every dialogue and every broken one. Throws when a status word is another than it must be. */
export function record(state: CardState, dialogues: Dialogue[]): RecordedDialogue[] {
  return dialogues.flatMap(({ id, about, steps, broken = [] }) => [
    { id, about, good: true, exchanges: exchange(state, id, steps) },
    ...broken.map((one) => {
      const whole = [...steps.slice(0, one.after ?? steps.length - 1), ...one.steps];
      const brokenId = `${id}/${one.id}`;
      return { id: brokenId, about: one.about, good: false, exchanges: exchange(state, brokenId, whole) };
    }),
  ]);
}

function exchange(state: CardState, id: string, steps: Step[]): Exchange[] {
  const card = poweredCard(state);
  return steps.map(({ send, status, random }) => {
    const command = send.replaceAll(" ", "").toLowerCase();
    const response = Buffer.from(card.transmit(Buffer.from(command, "hex"))).toString("hex");
    if (!response.endsWith(status))
      throw new Error(`${id}: ${command} was answered ${response.slice(-4)}, not ${status}`);
    return { command, response, ...(random ? { random } : {}) };
  });
}

/** A card whose random bytes are 00 01 02 …, from power-on. */
export function poweredCard(state: CardState): VirtualCard {
  let next = 0;
  const card = new VirtualCard(state, {
    persist: () => undefined,
    randomBytes: (size) => Uint8Array.from({ length: size }, () => next++ & 0xff),
  });
  card.powerOn();
  return card;
}
