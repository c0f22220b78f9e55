import type { Language } from "../../i18n/language.ts";
import { formatText, type TextKey } from "../../i18n/text.ts";
import type { RequestProblem } from "./problem.ts";

export type ProblemAction = "retry" | "scan" | "card" | "register" | "home";

/** What a screen says of a problem: what happened, whether it cost a try of the card, and what to do now. */
export type ProblemText = { code: string; what: string; tries: string | null; next: string };

export function describeRequestProblem(language: Language, problem: RequestProblem): ProblemText {
  const say = (key: TextKey) => formatText(language, key);
  const what = say(`problem.${problem.code}.what`);
  const next = say(`problem.${problem.code}.next`);
  if (problem.code !== "REFUSED") return { code: problem.code, what, tries: null, next };
  return { code: problem.platformCode, what: problem.text[language], tries: null, next };
}

/** What helps, the likeliest first. */
export function actionsFor(problem: RequestProblem): ProblemAction[] {
  switch (problem.code) {
    case "CERTIFICATE_REVOKED":
    case "CERTIFICATE_EXPIRED":
      return ["card", "home"];
    case "DEVICE_REVOKED":
    case "KEYS_LOST":
      return ["register"];
    case "PROXIMITY_CODE_WRONG":
      return ["scan", "home"];
    case "REQUEST_EXPIRED":
    case "REQUEST_WRONG_STATE":
    case "REQUEST_OF_ANOTHER_DEVICE":
    case "REQUEST_OF_ANOTHER_PERSON":
    case "NOT_FOUND":
    case "LINK_MALFORMED":
    case "SIGNING_MISMATCH":
    case "ENROLMENT_USED":
    case "OTHER_PERSON":
    case "KEY_MISSING":
    case "KEY_MISMATCH":
      return ["home"];
    case "CERTIFICATE_STATUS_UNKNOWN":
    case "JLIS_UNAVAILABLE":
    case "ENROLMENT_EXPIRED":
    case "RATE_LIMITED":
    case "UNAUTHENTICATED":
    case "REFUSED":
    case "UNREACHABLE":
    case "KEY_UNREACHABLE":
      return ["retry", "home"];
  }
}
