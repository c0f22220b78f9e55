import type { Language } from "../../i18n/language.ts";
import { formatText, type TextKey } from "../../i18n/text.ts";
import { actionsFor, describeRequestProblem, type ProblemText } from "../problem/problem-text.ts";
import type { CardPin, CardProblem, PasswordFate } from "./machine.ts";

export type CardAction = "retry" | "password" | "resend" | "card" | "other_card" | "register" | "stop";

/** What is said of a card that did not go through. */
export function describeCardProblem(language: Language, problem: CardProblem, pin: CardPin = "signature"): ProblemText {
  const say = (key: TextKey, values = {}) => formatText(language, key, values);
  const describe = (id: string, texts: { what: TextKey; next: TextKey }, tries: string | null): ProblemText => ({
    code: id,
    what: say(texts.what),
    tries,
    next: say(texts.next),
  });
  switch (problem.code) {
    case "CARD_LOST": {
      const id = `CARD_LOST_${fateNames[problem.fate]}` as const;
      return describe(id, { what: `problem.${id}.what`, next: `problem.${id}.next` }, triesOf(problem.fate, say));
    }
    case "READER_UNAVAILABLE":
    case "CARD_UNREADABLE": {
      const texts = { what: `problem.${problem.code}.what`, next: `problem.${problem.code}.next` } as const;
      return describe(problem.code, texts, triesOf(problem.fate, say));
    }
    case "PIN_WRONG": {
      const { triesLeft } = problem;
      const tries = triesLeft === null ? "" : say("problem.tries.left", { n: triesLeft });
      return describe(
        "PIN_WRONG",
        { what: "problem.PIN_WRONG.what", next: `problem.PIN_WRONG.${pin}.next` },
        `${say("problem.tries.counted")} ${tries}`.trim(),
      );
    }
    case "PIN_BLOCKED":
      return describe(
        "PIN_BLOCKED",
        { what: "problem.PIN_BLOCKED.what", next: "problem.PIN_BLOCKED.next" },
        say("problem.tries.zero"),
      );
    case "NOT_SENT": {
      const tries = say("problem.tries.none");
      return problem.problem.code === "UNREACHABLE"
        ? describe("NOT_SENT", { what: "problem.NOT_SENT.what", next: "problem.NOT_SENT.next" }, tries)
        : { ...describeRequestProblem(language, problem.problem), tries };
    }
    case "NOT_BEGUN":
    case "REFUSED":
      return { ...describeRequestProblem(language, problem.problem), tries: say("problem.tries.none") };
    case "NOT_A_MY_NUMBER_CARD":
    case "NOT_AUTHENTIC":
    case "CERTIFICATE_ABSENT":
    case "READER_OFF":
    case "READER_ABSENT": {
      const texts = { what: `problem.${problem.code}.what`, next: `problem.${problem.code}.next` } as const;
      return describe(problem.code, texts, say("problem.tries.none"));
    }
  }
}

/** What helps, the likeliest first. All but `stop` end in the machine's "retry". */
export function actionsForCard(problem: CardProblem): CardAction[] {
  switch (problem.code) {
    case "PIN_WRONG":
      return ["password", "stop"];
    case "PIN_BLOCKED":
    case "CERTIFICATE_ABSENT":
      return ["other_card", "stop"];
    case "NOT_SENT":
      return ["resend"];
    case "CARD_LOST":
    case "NOT_A_MY_NUMBER_CARD":
    case "NOT_AUTHENTIC":
    case "READER_OFF":
    case "READER_ABSENT":
    case "READER_UNAVAILABLE":
    case "CARD_UNREADABLE":
      return ["retry", "stop"];
    case "NOT_BEGUN":
    case "REFUSED":
      if (actionsFor(problem.problem).includes("register")) return ["register", "stop"];
      return problem.code === "REFUSED" ? ["card", "stop"] : ["retry", "stop"];
  }
}

const fateNames = { unused: "UNUSED", uncertain: "UNCERTAIN", accepted: "ACCEPTED" } as const;

function triesOf(fate: PasswordFate, say: (key: TextKey) => string): string {
  return say(fate === "uncertain" ? "problem.tries.uncertain" : "problem.tries.none");
}
