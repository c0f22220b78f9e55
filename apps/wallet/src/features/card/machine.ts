import type { RequestProblem } from "../problem/problem.ts";

/** 署名用電子証明書の暗証番号, or 券面事項入力補助用暗証番号. */
export type CardPin = "signature" | "text";

/** What was known of the password when the card left: not given to it, given without an answer, or accepted. */
export type PasswordFate = "unused" | "uncertain" | "accepted";

/** Why no reading can go on by itself. */
export type CardProblem =
  | { code: "PIN_WRONG"; triesLeft: number | null }
  | { code: "PIN_BLOCKED" }
  | { code: "CARD_LOST"; fate: PasswordFate }
  | { code: "NOT_A_MY_NUMBER_CARD" }
  | { code: "CERTIFICATE_ABSENT" }
  | { code: "READER_OFF" }
  | { code: "READER_ABSENT" }
  | { code: "READER_UNAVAILABLE"; fate: PasswordFate }
  | { code: "CARD_UNREADABLE"; fate: PasswordFate }
  /** What the card holds was not signed by an issuer that we trust, as it is. */
  | { code: "NOT_AUTHENTIC" }
  /** The card has signed, and the platform may still take it: sending again needs no card. */
  | { code: "NOT_SENT"; problem: RequestProblem }
  /** Nothing has been asked of the card yet. */
  | { code: "NOT_BEGUN"; problem: RequestProblem }
  /** The platform said no to what the card signed. */
  | { code: "REFUSED"; problem: RequestProblem };

/** `sign` is the whole reading; `count` only asks how many tries are left, after a loss that left it open. */
export type ReadingPurpose = "sign" | "count";

export const readingSteps = [
  "connecting",
  "selecting",
  "counting",
  "verifying",
  "signing",
  "certificate",
  "number",
] as const;
export type ReadingStep = (typeof readingSteps)[number];

export type CardState =
  | { at: "prepare" }
  | { at: "password"; triesLeft: number | null; lastTryAllowed: boolean }
  /** One try is left: nothing goes on before the person has said so. */
  | { at: "last_try"; afterWrong: boolean }
  | { at: "tap"; purpose: ReadingPurpose; lastTryAllowed: boolean }
  | { at: "reading"; purpose: ReadingPurpose; lastTryAllowed: boolean; step: ReadingStep }
  | { at: "sending" }
  | { at: "other_devices"; devices: { name: string; enrolledAt: number }[] }
  | { at: "done"; account: "created" | "existing" }
  | { at: "problem"; problem: CardProblem }
  | { at: "stopped" };

export type CardEvent =
  | { type: "prepared" }
  | { type: "password_entered" }
  | { type: "last_try_confirmed" }
  | { type: "tapped" }
  | { type: "step"; step: ReadingStep }
  /** The answer to "how many tries are left", when the reading ends with it. */
  | { type: "counted"; triesLeft: number }
  | { type: "failed"; problem: CardProblem }
  | { type: "signed" }
  | { type: "other_devices_asked"; devices: { name: string; enrolledAt: number }[] }
  | { type: "other_devices_chosen" }
  | { type: "completed"; account: "created" | "existing" }
  | { type: "retry" }
  | { type: "stop" };

type StateName = CardState["at"];
type EventName = CardEvent["type"];
type StateAt<S extends StateName> = Extract<CardState, { at: S }>;
type EventOf<E extends EventName> = Extract<CardEvent, { type: E }>;
type Table = {
  [S in StateName]: { [E in EventName]?: (state: StateAt<S>, event: EventOf<E>) => CardState };
};

const stopped = (): CardState => ({ at: "stopped" });
const failed = (_: unknown, { problem }: EventOf<"failed">): CardState =>
  problem.code === "PIN_WRONG" && problem.triesLeft === 1
    ? { at: "last_try", afterWrong: true }
    : { at: "problem", problem };

/** All that can happen. What is not here changes nothing. */
const table: Table = {
  prepare: {
    prepared: () => ({ at: "password", triesLeft: null, lastTryAllowed: false }),
    failed,
    stop: stopped,
  },
  password: {
    password_entered: ({ lastTryAllowed }) => ({ at: "tap", purpose: "sign", lastTryAllowed }),
    stop: stopped,
  },
  last_try: {
    last_try_confirmed: () => ({ at: "password", triesLeft: 1, lastTryAllowed: true }),
    stop: stopped,
  },
  tap: {
    tapped: ({ purpose, lastTryAllowed }) => ({ at: "reading", purpose, lastTryAllowed, step: "connecting" }),
    failed,
    stop: stopped,
  },
  reading: {
    step: (state, { step }) => ({ ...state, step }),
    counted: (_, { triesLeft }) => afterCount(triesLeft),
    failed,
    signed: (state) => (state.purpose === "sign" ? { at: "sending" } : state),
    stop: stopped,
  },
  sending: {
    completed: (_, { account }) => ({ at: "done", account }),
    other_devices_asked: (_, { devices }) => ({ at: "other_devices", devices }),
    failed,
  },
  other_devices: {
    other_devices_chosen: () => ({ at: "sending" }),
  },
  done: {},
  problem: {
    retry: ({ problem }) => afterRetry(problem),
    stop: stopped,
  },
  stopped: {},
};

export function nextCardState(state: CardState, event: CardEvent): CardState {
  const transition = table[state.at][event.type] as ((state: CardState, event: CardEvent) => CardState) | undefined;
  return transition?.(state, event) ?? state;
}

function afterCount(triesLeft: number): CardState {
  if (triesLeft === 0) return { at: "problem", problem: { code: "PIN_BLOCKED" } };
  if (triesLeft === 1) return { at: "last_try", afterWrong: false };
  return { at: "password", triesLeft, lastTryAllowed: false };
}

/** What "try again" means. A password whose fate is open is asked for anew, after the card was asked for its counter. */
function afterRetry(problem: CardProblem): CardState {
  switch (problem.code) {
    case "PIN_WRONG":
      return { at: "password", triesLeft: problem.triesLeft, lastTryAllowed: false };
    case "CARD_LOST":
    case "READER_UNAVAILABLE":
    case "CARD_UNREADABLE":
      return { at: "tap", purpose: problem.fate === "uncertain" ? "count" : "sign", lastTryAllowed: false };
    case "NOT_A_MY_NUMBER_CARD":
    case "NOT_AUTHENTIC":
    case "READER_OFF":
      return { at: "tap", purpose: "sign", lastTryAllowed: false };
    case "NOT_SENT":
      return { at: "sending" };
    case "PIN_BLOCKED":
    case "CERTIFICATE_ABSENT":
    case "READER_ABSENT":
    case "NOT_BEGUN":
    case "REFUSED":
      return { at: "prepare" };
  }
}
