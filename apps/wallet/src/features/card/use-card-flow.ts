import { CardError } from "@xid/card";
import { type CardSignature, type RequestDecision, toBase64url } from "@xid/protocol";
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { formatText } from "../../i18n/text.ts";
import type { SandboxCard } from "../../platform/ports.ts";
import type { BegunEnrolment, Wallet } from "../../wallet/wallet.ts";
import { WalletError } from "../../wallet-error.ts";
import { isTransient, type RequestProblem, toRequestProblem } from "../problem/problem.ts";
import { type CardEvent, type CardState, nextCardState } from "./machine.ts";
import { readCard, toProblem } from "./read-card.ts";

/** What the screen before the reading needs to know. */
export type CardPreparation = {
  /** Null where a document is to be signed. */
  begun: BegunEnrolment | null;
  /** Cards to choose from; null where a real one is held to the device. */
  cards: SandboxCard[] | null;
};

/** A document that the card is to sign, as it was shown. */
export type DocumentSigning = {
  /** SHA-256 */
  digest: Uint8Array;
  /** Until when the platform takes the signature, in seconds since 1970. */
  expiresAt: number;
  send: (card: CardSignature) => Promise<RequestDecision>;
  onDecided: (decision: RequestDecision) => void;
  /** Another card does not help: the request itself has come to an end. */
  onFailed: (problem: RequestProblem) => void;
};

export type CardFlow = {
  state: CardState;
  /** Whether a document is to be signed, rather than an enrolment. */
  signing: boolean;
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

/**
 * Runs the machine: begins the enrolment, if there is no document to be signed, reads the card, sends what it signed. The password is kept outside React's
 * state, from the field to the reading, and dropped as soon as the machine no longer needs it.
 */
export function useCardFlow(wallet: Wallet, signing: DocumentSigning | null): CardFlow {
  const [state, dispatch] = useReducer(nextCardState, signing ? null : wallet.stored.pending, begin);
  const [preparation, setPreparation] = useState<CardPreparation | null>(null);
  const [card, setCard] = useState<SandboxCard | null>(null);
  const [replacedDevices, setReplacedDevices] = useState(0);
  const password = useRef("");
  const otherDevices = useRef<"replace" | "keep" | undefined>(undefined);
  const reading = useRef<AbortController | null>(null);
  const signed = useRef<CardSignature | null>(null);
  const document = useRef(signing);
  document.current = signing;

  const prepare = useCallback(async (): Promise<CardEvent | null> => {
    setPreparation(null);
    if ((await wallet.reader.availability()) === "absent")
      return { type: "failed", problem: { code: "READER_ABSENT" } };
    try {
      const cards = wallet.reader.cards ? await wallet.reader.cards() : null;
      setCard((chosen) => cards?.find(({ id }) => id === chosen?.id) ?? null);
      setPreparation({ begun: document.current ? null : await wallet.beginEnrolment(), cards });
      return null;
    } catch (error) {
      if (error instanceof CardError) return { type: "failed", problem: toProblem(error, "unused") };
      return { type: "failed", problem: { code: "NOT_BEGUN", problem: toRequestProblem(error) } };
    }
  }, [wallet]);

  const read = useCallback(
    async (current: Extract<CardState, { at: "reading" }>, { begun }: CardPreparation): Promise<CardEvent> => {
      const say = (key: Parameters<typeof formatText>[1]) => formatText(wallet.stored.language, key);
      if (begun && begun.start.expiresAt - spareTime < Date.now() / 1000) {
        return { type: "failed", problem: { code: "REFUSED", problem: { code: "ENROLMENT_EXPIRED" } } };
      }
      if (document.current && document.current.expiresAt - spareTime < Date.now() / 1000) {
        document.current.onFailed({ code: "REQUEST_EXPIRED" });
        return { type: "stop" };
      }
      if ((await wallet.reader.availability()) === "off") return { type: "failed", problem: { code: "READER_OFF" } };
      const abort = new AbortController();
      reading.current = abort;
      try {
        const options = { card: card?.id ?? null, prompt: say("card.tap.lead"), signal: abort.signal };
        const session = await wallet.reader.connect(options);
        const outcome = await readCard(session, {
          purpose: current.purpose,
          password: password.current,
          lastTryAllowed: current.lastTryAllowed,
          onStep: (step) => {
            dispatch({ type: "step", step });
            void session.say(say(`card.reading.${step}`));
          },
          sign: async (application) => {
            if (document.current) {
              const signature = await application.signDigest("signature", document.current.digest);
              dispatch({ type: "step", step: "certificate" });
              const certificate = await application.readCertificate("signature");
              signed.current = { signature: toBase64url(signature), certificate: toBase64url(certificate) };
              return;
            }
            if (!begun) throw new TypeError("nothing was begun");
            await wallet.signEnrolment(begun, async (statements) => {
              const signatures: Uint8Array[] = [];
              for (const statement of statements) signatures.push(await application.sign("signature", statement));
              dispatch({ type: "step", step: "certificate" });
              return { signatures, certificate: await application.readCertificate("signature") };
            });
          },
        });
        const success = outcome.type === "signed" || outcome.type === "counted";
        await session.close({ success, text: say(success ? "card.reading.success" : "card.reading.failure") });
        return outcome;
      } catch (error) {
        if (error instanceof CardError) return { type: "failed", problem: toProblem(error, "unused") };
        if (error instanceof WalletError && error.code === "CANCELLED") return { type: "stop" };
        return { type: "failed", problem: { code: "NOT_BEGUN", problem: toRequestProblem(error) } };
      } finally {
        reading.current = null;
      }
    },
    [wallet, card],
  );

  const sendSignature = useCallback(
    async ({ send, onDecided, onFailed }: DocumentSigning): Promise<CardEvent | null> => {
      if (!signed.current) throw new TypeError("the card has signed nothing");
      try {
        onDecided(await send(signed.current));
        return null;
      } catch (error) {
        const problem = toRequestProblem(error);
        if (isTransient(problem)) return { type: "failed", problem: { code: "NOT_SENT", problem } };
        if (ofTheCard.includes(problem.code)) return { type: "failed", problem: { code: "REFUSED", problem } };
        onFailed(problem);
        return null;
      }
    },
    [],
  );

  const send = useCallback(async (): Promise<CardEvent | null> => {
    if (document.current) return sendSignature(document.current);
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
  }, [wallet, sendSignature]);

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
    signing: signing !== null,
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
