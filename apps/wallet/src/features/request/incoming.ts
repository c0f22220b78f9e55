import type { RequestDisplay, RequestLink } from "@xid/protocol";
import type { WaitingRequests } from "../../wallet/waiting-requests.ts";

/** A link that has come, and the answer to it if it has been opened already. */
export type IncomingRequest = { link: RequestLink; opening: Promise<RequestDisplay> | null };

/** The request that the person is led through, and one that came meanwhile. */
export type Incoming = {
  current: IncomingRequest | null;
  /** What became of `current`: `left` is one that was asked, until the window was left or loaded anew. */
  phase: "waiting" | "asking" | "left" | "decided";
  other: IncomingRequest | null;
};

export type IncomingEvent =
  | { type: "arrived"; request: IncomingRequest }
  /** The person sees what `current` asks for. */
  | { type: "asked" }
  | { type: "failed" }
  | { type: "decided" }
  /** The person wants to see the other one first. */
  | { type: "switched" }
  | { type: "done" };

/** As it was before the window was loaded anew. */
export function restoreIncoming({ links: [first, second], asked }: WaitingRequests): Incoming {
  const unopened = (link: RequestLink | undefined) => (link ? { link, opening: null } : null);
  return { current: unopened(first), phase: asked ? "left" : "waiting", other: unopened(second) };
}

/** What is to be answered still. */
export function unanswered({ current, phase, other }: Incoming): WaitingRequests {
  const open = [phase === "decided" ? null : current, other].filter((request) => request !== null);
  return { links: open.map(({ link }) => link), asked: phase === "asking" || phase === "left" };
}

/**
 * A request that stands before the person is replaced by nothing but their own decision: what comes then is offered
 * beside it. One that nobody has seen yet makes room for a newer one.
 */
export function nextIncoming(incoming: Incoming, event: IncomingEvent): Incoming {
  const { current, phase, other } = incoming;
  switch (event.type) {
    case "arrived":
      return arrived(incoming, event.request);
    case "asked":
      return { ...incoming, phase: "asking" };
    case "failed":
      // To be opened anew, after whatever helps.
      return { ...incoming, phase: "waiting", current: current && { link: current.link, opening: null } };
    case "decided":
      return { ...incoming, phase: "decided" };
    case "switched":
      return other ? { current: other, phase: "waiting", other: phase === "decided" ? null : current } : incoming;
    case "done":
      return { current: other, phase: "waiting", other: null };
  }
}

function arrived({ current, phase, other }: Incoming, request: IncomingRequest): Incoming {
  const rest = isSame(other, request) ? null : other;
  if (current && isSame(current, request)) {
    return phase === "asking" ? { current, phase, other } : { current: request, phase: "waiting", other: rest };
  }
  if (phase === "asking") return { current, phase, other: request };
  return { current: request, phase: "waiting", other: phase === "left" ? current : rest };
}

function isSame(one: IncomingRequest | null, two: IncomingRequest): boolean {
  return one?.link.requestId === two.link.requestId;
}
