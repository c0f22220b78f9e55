import type { ItemName, RequestDecision, RequestDisplay } from "@xid/protocol";
import { useEffect, useReducer, useRef } from "react";
import { useApp } from "../../app-context.ts";
import type { Wallet } from "../../wallet/wallet.ts";
import type { Verification } from "../lock/verification.ts";
import { type RequestProblem, toRequestProblem } from "../problem/problem.ts";
import type { IncomingEvent, IncomingRequest } from "./incoming.ts";
import { nextRequestState, type RequestEvent, type RequestState } from "./machine.ts";

export type RequestFlow = {
  state: RequestState;
  /** The PDF that is to be signed, checked against what the device's key will sign; null for other requests. */
  file: Uint8Array | null;
  sameScreen: () => void;
  approve: (chosen: { items: ItemName[]; latest: boolean }, holderVerified: boolean) => void;
  holderVerified: (verification: Verification) => void;
  notVerified: () => void;
  /** The card has signed, and the platform has taken it. */
  decided: (decision: RequestDecision) => void;
  cardStopped: () => void;
  failed: (problem: RequestProblem) => void;
  decline: () => void;
  retry: () => void;
  /** Goes to a request that came meanwhile; null when none did. */
  showOther: (() => void) | null;
};

/** What the app at large has to know of a state. */
const phases = {
  opening: null,
  compare: "asked",
  consent: "asked",
  verify: "asked",
  card: "asked",
  approving: "asked",
  declining: "asked",
  done: "decided",
  problem: "failed",
} as const satisfies Record<RequestState["at"], IncomingEvent["type"] | null>;

/** Runs the machine: opens the request, and sends what the person decides. */
export function useRequest(
  incoming: IncomingRequest,
  otherWaits: boolean,
  change: (event: IncomingEvent) => void,
): RequestFlow {
  const { wallet, verification, setVerification } = useApp();
  const [state, dispatch] = useReducer(
    nextRequestState,
    incoming.link,
    (link): RequestState => ({ at: "opening", link }),
  );
  const opening = useRef(incoming.opening);
  const file = useRef<Uint8Array | null>(null);
  const latest = useRef({ state, verification });
  latest.current = { state, verification };
  const { at } = state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each state's work is begun once, when it is entered.
  useEffect(() => {
    let left = false;
    const follow = (work: Promise<RequestEvent>) =>
      void work
        .catch((error: unknown): RequestEvent => ({ type: "failed", problem: toRequestProblem(error) }))
        .then((event) => {
          if (!left) dispatch(event);
        });
    const { state: now } = latest.current;
    const type = phases[now.at];
    if (type) change({ type });
    if (now.at === "opening") {
      const answer = opening.current ?? wallet.openRequest(now.link);
      opening.current = null;
      follow(
        answer.then(async (display) => {
          file.current = await documentOf(wallet, display);
          return { type: "opened", display };
        }),
      );
    } else if (now.at === "approving") {
      const how = latest.current.verification?.how;
      if (!how) throw new TypeError("approving without a verified holder");
      const { display, items, latest: latestAttributes } = now;
      const approval = wallet.client().then(async (client) => {
        const signed =
          display.kind === "document_signature" ? await client.signDocument(display, file.current ?? undefined) : null;
        return client.approveRequest(display, items, how, signed ? { document: signed } : {}, { latestAttributes });
      });
      follow(approval.then((decision) => ({ type: "decided", decision })));
    } else if (now.at === "declining") {
      const decline = wallet.client().then((client) => client.declineRequest(now.display.requestId));
      follow(decline.then((decision) => ({ type: "decided", decision })));
    }
    return () => {
      left = true;
    };
  }, [wallet, at]);
  return {
    state,
    file: file.current,
    sameScreen: () => dispatch({ type: "same_screen" }),
    approve: (chosen, holderVerified) => dispatch({ type: "approved", ...chosen, holderVerified }),
    holderVerified(newVerification) {
      setVerification(newVerification);
      dispatch({ type: "holder_verified" });
    },
    notVerified: () => dispatch({ type: "not_verified" }),
    decided: (decision) => dispatch({ type: "decided", decision }),
    cardStopped: () => dispatch({ type: "card_stopped" }),
    failed: (problem) => dispatch({ type: "failed", problem }),
    decline: () => dispatch({ type: "declined" }),
    retry: () => dispatch({ type: "retry" }),
    showOther: otherWaits ? () => change({ type: "switched" }) : null,
  };
}

/** What is to be signed, once it is sure that nothing else will be. */
async function documentOf(wallet: Wallet, display: RequestDisplay): Promise<Uint8Array | null> {
  if (display.kind !== "document_signature") return null;
  return (await (await wallet.client()).openDocument(display)) ?? null;
}
