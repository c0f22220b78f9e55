import type { Request } from "./request.ts";

export type RequestState = Request["state"];

/** What can happen to a request, and from which states (design: one engine). Nothing else changes a state. */
export const transitions = {
  /** Again by the same device: the person scanned twice, or the app was restarted. */
  open: { from: ["created", "opened"], to: "opened" },
  approve: { from: ["opened"], to: "approved" },
  decline: { from: ["opened"], to: "declined" },
  /** By the browser in which it began. */
  cancel: { from: ["created", "opened"], to: "cancelled" },
  fail: { from: ["created", "opened"], to: "failed" },
  complete: { from: ["approved"], to: "completed" },
  /** By time alone, always derived (`stateAt`); written only to announce it once (expire.ts). */
  expire: { from: ["created", "opened", "approved"], to: "expired" },
} as const satisfies Record<string, { from: readonly RequestState[]; to: RequestState }>;

export type Transition = keyof typeof transitions;

/** The state after `transition`, or undefined where the machine has no such step. */
export function nextState(state: RequestState, transition: Transition): RequestState | undefined {
  const { from, to } = transitions[transition];
  return (from as readonly RequestState[]).includes(state) ? to : undefined;
}

/** The state at a moment: what is written, or `expired` when the time is over before an end was reached. */
export function stateAt(written: RequestState, expiresAt: Date, now: number): RequestState {
  return now >= expiresAt.getTime() ? (nextState(written, "expire") ?? written) : written;
}
