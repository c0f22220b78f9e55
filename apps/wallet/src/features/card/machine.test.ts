import { describe, expect, it } from "vitest";
import { formatText } from "../../i18n/text.ts";
import { actionsForCard, describeCardProblem } from "./card-problem-text.ts";
import { type CardEvent, type CardProblem, type CardState, nextCardState, type PasswordFate } from "./machine.ts";

const fates: PasswordFate[] = ["unused", "uncertain", "accepted"];
const refusals = [
  { code: "CERTIFICATE_REVOKED" },
  { code: "CERTIFICATE_EXPIRED" },
  { code: "OTHER_PERSON" },
  { code: "DEVICE_REVOKED" },
  { code: "ENROLMENT_EXPIRED" },
  { code: "REFUSED", platformCode: "ACCOUNT_CONFLICT", text: { ja: "衝突", en: "conflict" } },
] as const;
const problems: CardProblem[] = [
  ...[null, 1, 2, 4].map((triesLeft) => ({ code: "PIN_WRONG", triesLeft }) as const),
  { code: "PIN_BLOCKED" },
  ...fates.flatMap((fate) => [
    { code: "CARD_LOST", fate } as const,
    { code: "READER_UNAVAILABLE", fate } as const,
    { code: "CARD_UNREADABLE", fate } as const,
  ]),
  { code: "NOT_A_MY_NUMBER_CARD" },
  { code: "NOT_AUTHENTIC" },
  { code: "CERTIFICATE_ABSENT" },
  { code: "READER_OFF" },
  { code: "READER_ABSENT" },
  { code: "NOT_SENT", problem: { code: "UNREACHABLE" } },
  { code: "NOT_SENT", problem: { code: "JLIS_UNAVAILABLE" } },
  ...refusals.flatMap((problem) => [{ code: "REFUSED", problem } as const, { code: "NOT_BEGUN", problem } as const]),
];
const events: CardEvent[] = [
  { type: "prepared" },
  { type: "password_entered" },
  { type: "last_try_confirmed" },
  { type: "tapped" },
  { type: "step", step: "verifying" },
  ...[0, 1, 2, 5].map((triesLeft) => ({ type: "counted", triesLeft }) as const),
  ...problems.map((problem) => ({ type: "failed", problem }) as const),
  { type: "signed" },
  { type: "other_devices_asked", devices: [{ name: "Chrome", enrolledAt: 1 }] },
  { type: "other_devices_chosen" },
  { type: "completed", account: "created" },
  { type: "retry" },
  { type: "stop" },
];
/** What only the person does; everything else comes from the card or the platform. */
const byPerson = new Set(["prepared", "password_entered", "last_try_confirmed", "tapped", "retry", "stop"]);
const byPersonAtDevices = "other_devices_chosen";

type Step = { from: CardState; event: CardEvent; to: CardState };

function walk(): { states: CardState[]; steps: Step[] } {
  const seen = new Map<string, CardState>();
  const steps: Step[] = [];
  const queue: CardState[] = [{ at: "prepare" }, { at: "sending" }];
  for (let state = queue.shift(); state; state = queue.shift()) {
    const key = JSON.stringify(state);
    if (seen.has(key)) continue;
    seen.set(key, state);
    for (const event of events) {
      const to = nextCardState(state, event);
      if (to === state) continue;
      steps.push({ from: state, event, to });
      queue.push(to);
    }
  }
  return { states: [...seen.values()], steps };
}

describe("reading a card, over all states that can be reached", () => {
  const { states, steps } = walk();

  it("reaches every state there is", () => {
    const names = new Set(states.map(({ at }) => at));
    expect([...names].sort()).toEqual(
      [
        "prepare",
        "password",
        "last_try",
        "tap",
        "reading",
        "sending",
        "other_devices",
        "done",
        "problem",
        "stopped",
      ].sort(),
    );
  });

  it("always leaves the person something to do, unless something is under way or all is over", () => {
    const busy = new Set(["sending", "done", "stopped"]);
    for (const state of states.filter(({ at }) => !busy.has(at))) {
      const own = steps.filter(
        ({ from, event }) =>
          JSON.stringify(from) === JSON.stringify(state) &&
          (byPerson.has(event.type) || event.type === byPersonAtDevices),
      );
      expect(own, JSON.stringify(state)).not.toEqual([]);
    }
  });

  it("begins a session with the card only when the person lays it down", () => {
    for (const { from, event } of steps.filter(({ from, to }) => to.at === "reading" && from.at !== "reading")) {
      expect([from.at, event.type]).toEqual(["tap", "tapped"]);
    }
  });

  it("allows the last try only after the person has said so", () => {
    const allows = (state: CardState) => "lastTryAllowed" in state && state.lastTryAllowed;
    for (const { from, event, to } of steps.filter(({ to }) => allows(to))) {
      expect(allows(from) || event.type === "last_try_confirmed", JSON.stringify({ from, event, to })).toBe(true);
    }
  });

  it("stops at one try left, however that became known", () => {
    for (const { event, to } of steps) {
      const one = event.type === "counted" && event.triesLeft === 1;
      const wrong = event.type === "failed" && event.problem.code === "PIN_WRONG" && event.problem.triesLeft === 1;
      if (one || wrong) expect(to.at).toBe("last_try");
    }
  });

  it("never gives a password of open fate to the card again before the counter was read and the password entered anew", () => {
    for (const problem of problems.filter((one) => "fate" in one && one.fate === "uncertain")) {
      let state = nextCardState({ at: "problem", problem }, { type: "retry" });
      expect(state).toMatchObject({ at: "tap", purpose: "count" });
      state = nextCardState(state, { type: "tapped" });
      expect(nextCardState(state, { type: "signed" })).toBe(state);
      expect(nextCardState(state, { type: "counted", triesLeft: 4 })).toEqual({
        at: "password",
        triesLeft: 4,
        lastTryAllowed: false,
      });
    }
  });

  it("sends again without the card when the platform was not reached", () => {
    const state: CardState = { at: "problem", problem: { code: "NOT_SENT", problem: { code: "UNREACHABLE" } } };
    expect(nextCardState(state, { type: "retry" })).toEqual({ at: "sending" });
  });

  it("ignores what does not belong to the state", () => {
    for (const event of events) {
      expect(nextCardState({ at: "done", account: "created" }, event)).toEqual({ at: "done", account: "created" });
      expect(nextCardState({ at: "stopped" }, event)).toEqual({ at: "stopped" });
    }
  });
});

describe("what is said of a problem", () => {
  it.each(problems)(
    "$code says what happened and what to do, and offers something to do ($fate$triesLeft)",
    (problem) => {
      for (const language of ["ja", "en"] as const) {
        const { what, next, code } = describeCardProblem(language, problem);
        for (const text of [what, next, code]) expect(text).toMatch(/\S/);
      }
      const [first] = actionsForCard(problem);
      expect(first).not.toBe("stop");
      expect(first).toBeDefined();
    },
  );

  it("tells whether a try was used", () => {
    for (const problem of problems) expect(describeCardProblem("ja", problem).tries, problem.code).toMatch(/回/);
    expect(describeCardProblem("ja", { code: "PIN_WRONG", triesLeft: 4 }).tries).toContain(
      formatText("ja", "problem.tries.left", { n: 4 }),
    );
  });
});
