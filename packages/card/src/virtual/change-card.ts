import type { CardContents, KeyPair, PinName } from "./card-contents.ts";
import { applications, issuedFile, keyFile, keyPairFiles, pinFile, pinFiles, transparentFile } from "./card-files.ts";
import { type CardState, fileOf, withFile } from "./card-state.ts";
import { encodeAttributes } from "./text-files.ts";

/**
 * What a city office writes at a renewal or a reissue: certificates with their keys. What is not named stays, and so do
 * the PINs: for a first certificate, `resetPin` gives it one.
 */
export function replaceCertificates(
  state: CardState,
  replacement: { signature?: KeyPair | null; authentication?: KeyPair | null },
): CardState {
  let next = state;
  for (const name of ["signature", "authentication"] as const) {
    const pair = replacement[name];
    if (pair === undefined) continue;
    const { certificate, certificateOpenedBy, key, keyOpenedBy } = keyPairFiles[name];
    const content = transparentFile(pair?.certificate ?? new Uint8Array(), certificateOpenedBy);
    next = withFile(next, applications.jpki, certificate, content);
    next = withFile(next, applications.jpki, key, keyFile(pair, keyOpenedBy));
  }
  const issued = issuedFile({ signature: hasKey(next, "signature"), authentication: hasKey(next, "authentication") });
  return withFile(next, applications.jpki, "0008", issued);
}

/** The four attributes in the text application, rewritten by a city office after a move. 照合番号B stays. */
export function replaceAttributes(state: CardState, attributes: CardContents["attributes"]): CardState {
  const content = transparentFile(encodeAttributes(attributes), ["0011", "0015"]);
  return withFile(state, applications.text, "0002", content);
}

/** What only a city office's terminal can do: a new value and all tries. Throws TypeError for a value of another format. */
export function resetPin(state: CardState, which: PinName, value: string): CardState {
  const { application, file } = pinFiles[which];
  return withFile(state, application, file, pinFile(which, value));
}

/** Tries left, as the card would say; 0 is blocked. */
export function triesLeft(state: CardState, which: PinName): number {
  const { application, file } = pinFiles[which];
  const found = fileOf(state, application, file);
  if (found?.kind !== "pin") throw new TypeError("the card has no such PIN");
  return found.tries;
}

function hasKey(state: CardState, name: "signature" | "authentication"): boolean {
  const found = fileOf(state, applications.jpki, keyPairFiles[name].key);
  return found?.kind === "key" && found.privateKey !== null;
}
