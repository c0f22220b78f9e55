import type { CardContents, KeyPair, PinName } from "./card-contents.ts";
import { applications, pinFile } from "./card-files.ts";
import { type CardApplication, type CardState, fileOf, withFiles } from "./card-state.ts";
import { draftAttributesFiles, draftPrintedFiles, draftVerificationNumbers } from "./draft-files.ts";
import { authorityFiles, issuedFile, keyPairFiles } from "./jpki-files.ts";
import { attributesFiles, textVerificationNumbers } from "./text-files.ts";
import { printedFiles, visualVerificationNumbers } from "./visual-files.ts";

/**
 * What a city office writes at a renewal or a reissue: certificates with their keys, and those of the authorities, which may
 * have a newer generation. What is not named stays, and so do the PINs: for a first certificate, `resetPin` gives it one.
 */
export function replaceCertificates(
  state: CardState,
  replacement: { signature?: KeyPair | null; authentication?: KeyPair | null },
  authorities: Partial<CardContents["certificateAuthorities"]> = {},
): CardState {
  const application = certificateApplication(state);
  const files = { ...keyPairFiles(replacement, state.model), ...authorityFiles(authorities) };
  const next = withFiles(state, application, files);
  const hasKey = (name: string) => {
    const file = fileOf(next, application, name);
    return file?.kind === "key" && file.privateKey !== null;
  };
  const issued = issuedFile({ signature: hasKey("001a"), authentication: hasKey("0017") });
  return withFiles(next, application, { "0008": issued });
}

/**
 * The four attributes, rewritten by a city office after a move or a change of name: in the text application, whose
 * integrity record the issuer then signs anew, and on the face. A corrected birth date makes a new 照合番号B; else those
 * numbers stay, and what was counted. A phone holds none of this.
 * @param printed name and address as printed, when the chip's text has substitutes for some of their characters
 */
export function replaceAttributes(
  state: CardState,
  attributes: CardContents["attributes"],
  printed: CardContents["printed"] = attributes,
): CardState {
  const { birthdate, gender } = attributes;
  const now = { ...state.printed, name: printed.name, address: printed.address, birthdate, gender };
  const corrected = birthdate !== state.printed.birthdate;
  const written: Record<string, CardApplication["files"]> = {
    [applications.text]: { ...attributesFiles(attributes), ...(corrected && textVerificationNumbers(now)) },
    [applications.visual]: { ...printedFiles, ...(corrected && visualVerificationNumbers(now)) },
    [applications.draftAuthentication]: draftAttributesFiles(attributes),
    [applications.draftFace]: { ...draftPrintedFiles, ...(corrected && draftVerificationNumbers(now)) },
  };
  // Applications that this card does not have are left out.
  return Object.entries(written).reduce((next, [application, files]) => withFiles(next, application, files), {
    ...state,
    printed: now,
  });
}

/**
 * What only a city office's terminal can do: a new value and all tries. Throws TypeError for a value of another format,
 * and for a PIN that this card does not have.
 */
export function resetPin(state: CardState, which: PinName, value: string): CardState {
  return pinPlaces(state, which).reduce(
    (next, { application, file }) => withFiles(next, application, { [file]: pinFile(which, value) }),
    state,
  );
}

/** Tries left, as the card would say; 0 is blocked. Of the resident register's two counters, the lower one. */
export function triesLeft(state: CardState, which: PinName): number {
  return Math.min(...pinPlaces(state, which).map(({ tries }) => tries));
}

/** Where a card keeps a PIN. Throws TypeError when it has none of that name. */
function pinPlaces(state: CardState, which: PinName): { application: string; file: string; tries: number }[] {
  const certificates = certificateApplication(state);
  const places: Record<PinName, [application: string, file: string][]> = {
    signature: [[certificates, "001b"]],
    authentication: [[certificates, "0018"]],
    text: [[applications.text, "0011"]],
    residentRegister: [
      [applications.common, "001c"],
      [applications.residentRegister, "001c"],
    ],
  };
  return places[which].map(([application, file]) => {
    const found = fileOf(state, application, file);
    if (found?.kind !== "pin") throw new TypeError(`the card has no ${which} PIN`);
    return { application, file, tries: found.tries };
  });
}

function certificateApplication({ model }: CardState): string {
  return model === "next-draft" ? applications.draftAuthentication : applications.jpki;
}
