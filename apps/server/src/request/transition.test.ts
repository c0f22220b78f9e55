import { describe, expect, it } from "vitest";
import { nextState, type RequestState, stateAt, type Transition, transitions } from "./transition.ts";

/** The whole machine: where each step leads from each state, and nowhere else. */
const table: Record<RequestState, Partial<Record<Transition, RequestState>>> = {
  created: { open: "opened", cancel: "cancelled", fail: "failed", expire: "expired" },
  opened: {
    open: "opened",
    approve: "approved",
    decline: "declined",
    cancel: "cancelled",
    fail: "failed",
    expire: "expired",
  },
  approved: { complete: "completed", expire: "expired" },
  completed: {},
  declined: {},
  expired: {},
  cancelled: {},
  failed: {},
};

const states = Object.keys(table) as RequestState[];
const steps = Object.keys(transitions) as Transition[];

describe("the states of a request", () => {
  it.each(states.flatMap((state) => steps.map((step) => [state, step, table[state][step]] as const)))(
    "from %s, %s leads to %s",
    (state, step, to) => {
      expect(nextState(state, step)).toBe(to);
    },
  );

  it.each(states)("time alone ends %s only if it has not ended", (state) => {
    const end = new Date(1_000_000);
    expect(stateAt(state, end, end.getTime() - 1)).toBe(state);
    expect(stateAt(state, end, end.getTime())).toBe(table[state].expire ?? state);
  });
});
