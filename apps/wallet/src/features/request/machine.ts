import type { ItemName, RequestDecision, RequestDisplay, RequestLink } from "@xid/protocol";
import type { RequestProblem } from "../problem/problem.ts";

export type RequestState =
  | { at: "opening"; link: RequestLink }
  /** Begun on another screen: is it the person's own, and the right one? */
  | { at: "compare"; link: RequestLink; display: RequestDisplay }
  | { at: "consent"; link: RequestLink; display: RequestDisplay }
  /** Chosen, also whether the service is told of later changes; the device is not sure of its holder yet. */
  | { at: "verify"; link: RequestLink; display: RequestDisplay; items: ItemName[]; latest: boolean }
  /** Approved, but for what the card has to sign. */
  | { at: "card"; link: RequestLink; display: RequestDisplay; items: ItemName[]; latest: boolean }
  | { at: "approving"; link: RequestLink; display: RequestDisplay; items: ItemName[]; latest: boolean }
  | { at: "declining"; link: RequestLink; display: RequestDisplay }
  | { at: "done"; link: RequestLink; display: RequestDisplay; decision: RequestDecision }
  | { at: "problem"; link: RequestLink; problem: RequestProblem };

export type RequestEvent =
  | { type: "opened"; display: RequestDisplay }
  | { type: "same_screen" }
  | { type: "approved"; items: ItemName[]; latest: boolean; holderVerified: boolean }
  | { type: "holder_verified" }
  | { type: "not_verified" }
  | { type: "card_stopped" }
  | { type: "declined" }
  | { type: "decided"; decision: RequestDecision }
  | { type: "failed"; problem: RequestProblem }
  | { type: "retry" };

type StateName = RequestState["at"];
type EventName = RequestEvent["type"];
type StateAt<S extends StateName> = Extract<RequestState, { at: S }>;
type EventOf<E extends EventName> = Extract<RequestEvent, { type: E }>;
type Table = {
  [S in StateName]: { [E in EventName]?: (state: StateAt<S>, event: EventOf<E>) => RequestState };
};

const failed = ({ link }: { link: RequestLink }, { problem }: EventOf<"failed">): RequestState => ({
  at: "problem",
  link,
  problem,
});
const declined = ({ link, display }: { link: RequestLink; display: RequestDisplay }): RequestState => ({
  at: "declining",
  link,
  display,
});

/** All that can happen. Nothing is approved that was not shown, and nothing from another screen before it was compared. */
const table: Table = {
  opening: {
    opened: ({ link }, { display }) => ({ at: display.via === "qr" ? "compare" : "consent", link, display }),
    failed,
  },
  compare: {
    same_screen: ({ link, display }) => ({ at: "consent", link, display }),
    declined,
  },
  consent: {
    approved: ({ link, display }, { items, latest, holderVerified }) => ({
      at: holderVerified ? afterVerification(display) : "verify",
      link,
      display,
      items: allowedItems(display, items),
      latest: latest && display.latestAttributes !== undefined,
    }),
    declined,
  },
  verify: {
    holder_verified: ({ link, display, items, latest }) => ({
      at: afterVerification(display),
      link,
      display,
      items,
      latest,
    }),
    not_verified: ({ link, display }) => ({ at: "consent", link, display }),
    declined,
  },
  card: {
    decided: ({ link, display }, { decision }) => ({ at: "done", link, display, decision }),
    card_stopped: ({ link, display }) => ({ at: "consent", link, display }),
    failed,
  },
  approving: {
    decided: ({ link, display }, { decision }) => ({ at: "done", link, display, decision }),
    failed,
  },
  declining: {
    decided: ({ link, display }, { decision }) => ({ at: "done", link, display, decision }),
    failed,
  },
  done: {},
  problem: {
    retry: ({ link }) => ({ at: "opening", link }),
  },
};

export function nextRequestState(state: RequestState, event: RequestEvent): RequestState {
  const transition = table[state.at][event.type] as
    | ((state: RequestState, event: RequestEvent) => RequestState)
    | undefined;
  return transition?.(state, event) ?? state;
}

function afterVerification({ kind, level }: RequestDisplay): "card" | "approving" {
  if (kind === "sign_in") return level === "card" ? "card" : "approving";
  return kind === "card_signature" || kind === "my_number" ? "card" : "approving";
}

/** Every required item, and of the optional ones those that were chosen, in the order in which they were shown. */
export function allowedItems(display: RequestDisplay, chosen: readonly ItemName[]): ItemName[] {
  return display.items.filter(({ name, required }) => required || chosen.includes(name)).map(({ name }) => name);
}
