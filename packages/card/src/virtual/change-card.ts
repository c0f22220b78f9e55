import type { CardContents, KeyPair, PinName } from "./card-contents.ts";
import { applications, pinFile } from "./card-files.ts";
import { type CardState, fileOf, withFiles } from "./card-state.ts";
import { authorityFiles, issuedFile, keyPairFiles } from "./jpki-files.ts";
import { attributesFiles, textVerificationNumbers } from "./text-files.ts";
import { printedFiles, visualVerificationNumbers } from "./visual-files.ts";

const pinFiles: Record<PinName, { application: string; file: string }[]> = {
  signature: [{ application: applications.jpki, file: "001b" }],
  authentication: [{ application: applications.jpki, file: "0018" }],
  text: [{ application: applications.text, file: "0011" }],
  residentRegister: [
    { application: applications.common, file: "001c" },
    { application: applications.residentRegister, file: "001c" },
  ],
};

/**
 * What a city office writes at a renewal or a reissue: certificates with their keys, and those of the authorities, which may
 * have a newer generation. What is not named stays, and so do the PINs: for a first certificate, `resetPin` gives it one.
 */
export function replaceCertificates(
  state: CardState,
  replacement: { signature?: KeyPair | null; authentication?: KeyPair | null },
  authorities: Partial<CardContents["certificateAuthorities"]> = {},
): CardState {
  const files = { ...keyPairFiles(replacement, state.model), ...authorityFiles(authorities) };
  const next = withFiles(state, applications.jpki, files);
  const issued = issuedFile({ signature: hasKey(next, "001a"), authentication: hasKey(next, "0017") });
  return withFiles(next, applications.jpki, { "0008": issued });
}

/**
 * The four attributes, rewritten by a city office after a move or a change of name: in the text application, whose
 * integrity record the issuer then signs anew, and on the face. A corrected birth date makes a new 照合番号B; else those
 * numbers stay, and what was counted.
 * @param printed name and address as printed, when the chip's text has substitutes for some of their characters
 */
export function replaceAttributes(
  state: CardState,
  attributes: CardContents["attributes"],
  printed: CardContents["printed"] = attributes,
): CardState {
  const { birthdate, gender } = attributes;
  const { name, address } = printed;
  const now = { ...state.printed, name, address, birthdate, gender };
  const corrected = birthdate !== state.printed.birthdate;
  const text = { ...attributesFiles(attributes), ...(corrected ? textVerificationNumbers(now) : {}) };
  const visual = { ...printedFiles, ...(corrected ? visualVerificationNumbers(now) : {}) };
  const next = withFiles(withFiles(state, applications.text, text), applications.visual, visual);
  return { ...next, printed: now };
}

/** What only a city office's terminal can do: a new value and all tries. Throws TypeError for a value of another format. */
export function resetPin(state: CardState, which: PinName, value: string): CardState {
  return pinFiles[which].reduce(
    (next, { application, file }) => withFiles(next, application, { [file]: pinFile(which, value) }),
    state,
  );
}

/** Tries left, as the card would say; 0 is blocked. Of the resident register's two counters, the lower one. */
export function triesLeft(state: CardState, which: PinName): number {
  const tries = pinFiles[which].map(({ application, file }) => {
    const found = fileOf(state, application, file);
    if (found?.kind !== "pin") throw new TypeError("the card has no such PIN");
    return found.tries;
  });
  return Math.min(...tries);
}

function hasKey(state: CardState, key: string): boolean {
  const found = fileOf(state, applications.jpki, key);
  return found?.kind === "key" && found.privateKey !== null;
}
