import { CardError } from "@xid/card";
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { formatText, type TextKey } from "../../i18n/text.ts";
import type { SandboxCard } from "../../platform/ports.ts";
import type { BegunEnrolment, Wallet } from "../../wallet/wallet.ts";
import { WalletError } from "../../wallet-error.ts";
import { isTransient, type RequestProblem, toRequestProblem } from "../problem/problem.ts";
import type { CardTask, Given } from "./card-task.ts";
import { type CardEvent, type CardPin, type CardState, nextCardState, type ReadingStep } from "./machine.ts";
import { readCard, toProblem } from "./read-card.ts";
import { selectToEnrol } from "./select-to-enrol.ts";

/** What the screen before the reading needs to know. */
export type CardPreparation = {
  /** Null where the card is read for a request. */
  begun: BegunEnrolment | null;
  /** Cards to choose from; null where a real one is held to the device. */
  cards: SandboxCard[] | null;
};

export type CardFlow = {
  state: CardState;
  /** Which of the card's passwords is asked for. */
  pin: CardPin;
  /** Whether the card is read for a request, rather than to enrol. */
  forRequest: boolean;
  /** What the person is told before that; null to enrol. */
  lead: TextKey | null;
  /** Null until the platform has answered. */
  preparation: CardPreparation | null;
  card: SandboxCard | null;
  replacedDevices: number;
  chooseCard: (card: SandboxCard) => void;
  prepared: () => void;
  enterPassword: (password: string) => void;
  confirmLastTry: () => void;
  tap: () => void;
  chooseOtherDevices: (choice: "replace" | "keep") => void;
  retry: () => void;
  /** Begins as a new device: the platform no longer knows this one. */
  register: () => void;
  stop: () => void;
};

/** Seconds before its end at which nothing is signed any more. */
const spareTime = 20;

/** What may go otherwise with another reading, or another card. */
const ofTheCard: RequestProblem["code"][] = ["OTHER_PERSON", "CERTIFICATE_REVOKED", "CERTIFICATE_EXPIRED", "REFUSED"];

/** What no card helps against. */
const ofTheRequest: RequestProblem["code"][] = ["KEY_MISSING", "KEY_MISMATCH"];

/**
 * Runs the machine: begins the enrolment, if the card is not read for a request, reads the card, sends what it gave. The password is kept outside React's
 * state, from the field to the reading, and dropped as soon as the machine no longer needs it.
 */
export function useCardFlow(wallet: Wallet, task: CardTask | null): CardFlow {
  const [state, dispatch] = useReducer(nextCardState, task ? null : wallet.stored.pending, begin);
  const [preparation, setPreparation] = useState<CardPreparation | null>(null);
  const [card, setCard] = useState<SandboxCard | null>(null);
  const [replacedDevices, setReplacedDevices] = useState(0);
  const password = useRef("");
  const otherDevices = useRef<"replace" | "keep" | undefined>(undefined);
  const reading = useRef<AbortController | null>(null);
  const given = useRef<Given | null>(null);
  // As it was when the card was first asked for: it knows what it has prepared.
  const [request] = useState(task);

  const prepare = useCallback(async (): Promise<CardEvent | null> => {
    setPreparation(null);
    if ((await wallet.reader.availability()) === "absent")
      return { type: "failed", problem: { code: "READER_ABSENT" } };
    try {
      const cards = wallet.reader.cards ? await wallet.reader.cards() : null;
      setCard((chosen) => cards?.find(({ id }) => id === chosen?.id) ?? null);
      await request?.prepare();
      setPreparation({ begun: request ? null : await wallet.beginEnrolment(), cards });
      return null;
    } catch (error) {
      if (error instanceof CardError) return { type: "failed", problem: toProblem(error, "unused") };
      const problem = toRequestProblem(error);
      if (!request || !ofTheRequest.includes(problem.code)) {
        return { type: "failed", problem: { code: "NOT_BEGUN", problem } };
      }
      request.onFailed(problem);
      return { type: "stop" };
    }
  }, [wallet, request]);

  const read = useCallback(
    async (current: Extract<CardState, { at: "reading" }>, { begun }: CardPreparation): Promise<CardEvent> => {
      const say = (key: Parameters<typeof formatText>[1]) => formatText(wallet.stored.language, key);
      if (begun && begun.start.expiresAt - spareTime < Date.now() / 1000) {
        return { type: "failed", problem: { code: "REFUSED", problem: { code: "ENROLMENT_EXPIRED" } } };
      }
      if (request && request.expiresAt - spareTime < Date.now() / 1000) {
        request.onFailed({ code: "REQUEST_EXPIRED" });
        return { type: "stop" };
      }
      if ((await wallet.reader.availability()) === "off") return { type: "failed", problem: { code: "READER_OFF" } };
      const take = (what: Given) => {
        given.current = what;
      };
      const onStep = (step: ReadingStep) => dispatch({ type: "step", step });
      const abort = new AbortController();
      reading.current = abort;
      try {
        const options = { card: card?.id ?? null, prompt: say("card.tap.lead"), signal: abort.signal };
        const session = await wallet.reader.connect(options);
        const close = (success: boolean) =>
          session.close({ success, text: say(success ? "card.reading.success" : "card.reading.failure") });
        const outcome = await readCard(session, {
          purpose: current.purpose,
          password: password.current,
          lastTryAllowed: current.lastTryAllowed,
          onStep: (step) => {
            onStep(step);
            void session.say(say(`card.reading.${step}`));
          },
          select: (transport) =>
            request ? request.select(transport, take) : selectToEnrol(transport, { wallet, begun, onStep }),
        }).catch(async (error: unknown) => {
          await close(false);
          throw error;
        });
        await close(outcome.type === "signed" || outcome.type === "counted");
        return outcome;
      } catch (error) {
        if (error instanceof CardError) return { type: "failed", problem: toProblem(error, "unused") };
        if (error instanceof WalletError && error.code === "CANCELLED") return { type: "stop" };
        const problem = toRequestProblem(error);
        return {
          type: "failed",
          problem: { code: ofTheCard.includes(problem.code) ? "REFUSED" : "NOT_BEGUN", problem },
        };
      } finally {
        reading.current = null;
      }
    },
    [wallet, card, request],
  );

  const sendGiven = useCallback(async ({ send, onDecided, onFailed }: CardTask): Promise<CardEvent | null> => {
    if (!given.current) throw new TypeError("the card has given nothing");
    try {
      onDecided(await send(given.current));
      return null;
    } catch (error) {
      const problem = toRequestProblem(error);
      if (isTransient(problem)) return { type: "failed", problem: { code: "NOT_SENT", problem } };
      if (ofTheCard.includes(problem.code)) return { type: "failed", problem: { code: "REFUSED", problem } };
      onFailed(problem);
      return null;
    }
  }, []);

  const send = useCallback(async (): Promise<CardEvent | null> => {
    if (request) return sendGiven(request);
    try {
      const answer = await wallet.completeEnrolment(otherDevices.current);
      if (answer.state === "choose_other_devices") return { type: "other_devices_asked", devices: answer.otherDevices };
      setReplacedDevices(answer.replacedDevices);
      return { type: "completed", account: answer.account };
    } catch (error) {
      const problem = toRequestProblem(error);
      if (isTransient(problem)) return { type: "failed", problem: { code: "NOT_SENT", problem } };
      await wallet.dropPending();
      return { type: "failed", problem: { code: "REFUSED", problem } };
    }
  }, [wallet, request, sendGiven]);

  const latest = useRef({ state, preparation, prepare, read, send });
  latest.current = { state, preparation, prepare, read, send };
  const { at } = state;
  useEffect(() => {
    let left = false;
    const follow = (work: Promise<CardEvent | null>) =>
      void work.then((event) => {
        if (event && !left) dispatch(event);
      });
    const now = latest.current;
    if (!needsPassword(now.state)) password.current = "";
    if (at === "prepare") {
      otherDevices.current = undefined;
      follow(now.prepare());
    } else if (now.state.at === "reading" && now.preparation) {
      follow(now.read(now.state, now.preparation));
    } else if (at === "sending") {
      follow(now.send());
    }
    return () => {
      left = true;
      if (at === "reading") reading.current?.abort();
    };
  }, [at]);

  return {
    state,
    pin: request?.pin ?? "signature",
    forRequest: request !== null,
    lead: request?.lead ?? null,
    preparation,
    card,
    replacedDevices,
    chooseCard: setCard,
    prepared: () => dispatch({ type: "prepared" }),
    enterPassword(entered) {
      password.current = entered;
      dispatch({ type: "password_entered" });
    },
    confirmLastTry: () => dispatch({ type: "last_try_confirmed" }),
    tap: () => dispatch({ type: "tapped" }),
    chooseOtherDevices(choice) {
      otherDevices.current = choice;
      dispatch({ type: "other_devices_chosen" });
    },
    retry: () => dispatch({ type: "retry" }),
    register: () => void wallet.forgetEnrolment().then(() => dispatch({ type: "retry" })),
    stop: () => dispatch({ type: "stop" }),
  };
}

/** Whether the password that was entered may still go to the card. */
function needsPassword(state: CardState): boolean {
  if (state.at === "problem") {
    const next = nextCardState(state, { type: "retry" });
    return next.at === "tap" && next.purpose === "sign";
  }
  return (state.at === "tap" || state.at === "reading") && state.purpose === "sign";
}

function begin(pending: unknown): CardState {
  return pending ? { at: "sending" } : { at: "prepare" };
}
