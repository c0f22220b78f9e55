import type { CardTransport } from "@xid/card";
import type { RequestApproval, RequestDecision } from "@xid/protocol";
import type { TextKey } from "../../i18n/text.ts";
import type { RequestProblem } from "../problem/problem.ts";
import type { CardPin, ReadingStep } from "./machine.ts";

/** One of the card's applications, selected: its password, and what is done once that was right. */
export type SelectedApplication = {
  triesLeft: () => Promise<number>;
  verifyPin: (value: string, options: { lastTryAllowed: boolean }) => Promise<void>;
  /** What is done then, as a step that the screen tells of. */
  step: ReadingStep;
  work: () => Promise<void>;
};

/** What the card gives to a request, beside the approval. */
export type Given = Omit<RequestApproval, "approval">;

/** What the card is read for in a request; without one, it is read to enrol. */
export type CardTask = {
  pin: CardPin;
  /** What the person is told before it. */
  lead: TextKey;
  /** Until when the platform takes it, in seconds since 1970. */
  expiresAt: number;
  /** Before the person is asked for the card. Rejects with why that would be in vain. */
  prepare: () => Promise<void>;
  /** `take` is to be given what the card gave. */
  select: (transport: CardTransport, take: (given: Given) => void) => Promise<SelectedApplication>;
  send: (given: Given) => Promise<RequestDecision>;
  onDecided: (decision: RequestDecision) => void;
  /** Another card does not help: the request itself has come to an end. */
  onFailed: (problem: RequestProblem) => void;
};
