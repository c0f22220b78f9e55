import type { CardContents } from "./card-contents.ts";
import { keyFile, lockedReference, pinFile, transparentFile, unknownFile } from "./card-files.ts";
import { readCardKey } from "./card-key.ts";
import type { CardApplication, CardFile, CardModel } from "./card-state.ts";
import { tokenInformation } from "./token-information.ts";

const files = {
  signature: { certificate: "0001", authority: "0002", key: "001a", pin: "001b" },
  authentication: { certificate: "000a", authority: "000b", key: "0017", pin: "0018" },
};

type Pairs = Pick<CardContents, "signature" | "authentication">;

/** 公的個人認証AP. */
export function jpkiFiles(contents: CardContents, model: CardModel): CardApplication["files"] {
  return {
    ...certificateFiles(contents, model),
    "0009": unknownFile([]),
    "0010": lockedReference,
    // The reference of the terminals' CA.
    "0016": lockedReference,
    // SET SESSION KEY is configured here, and nothing that a holder knows opens it.
    delivery: keyFile("delivery", null, []),
  };
}

/** Token, certificates, keys and their PINs. On a phone the authentication certificate needs its PIN as well. */
export function certificateFiles(contents: CardContents, model: CardModel): CardApplication["files"] {
  const { certificateAuthorities, pins, card } = contents;
  return {
    ...keyPairFiles(contents, model),
    ...authorityFiles(certificateAuthorities),
    "0006": transparentFile(tokenInformation(model, model === "card" ? "" : card.serialNumber), null),
    "0008": issuedFile({ signature: contents.signature !== null, authentication: contents.authentication !== null }),
    "0018": pinFile("authentication", contents.authentication && pins.authentication),
    "001b": pinFile("signature", contents.signature && pins.signature),
  };
}

/** The files of those key pairs that are given; null empties them. */
export function keyPairFiles(pairs: Partial<Pairs>, model: CardModel): CardApplication["files"] {
  const made: Record<string, CardFile> = {};
  for (const name of ["signature", "authentication"] as const) {
    const pair = pairs[name];
    if (pair === undefined) continue;
    const { certificate, key, pin } = files[name];
    const free = name === "authentication" && (model === "card" || model === "next-draft");
    made[certificate] = transparentFile(pair?.certificate ?? new Uint8Array(), free ? null : [pin]);
    made[key] = keyFile("signature", pair && readCardKey(pair.privateKey, model), [pin]);
  }
  return made;
}

/** The files of those authorities that are given. */
export function authorityFiles(authorities: Partial<Record<keyof Pairs, Uint8Array>>): CardApplication["files"] {
  const made: Record<string, CardFile> = {};
  for (const name of ["signature", "authentication"] as const) {
    const certificate = authorities[name];
    if (certificate) made[files[name].authority] = transparentFile(certificate, null);
  }
  return made;
}

/** EF 0008: 8F for each certificate that is there, 00 for one that is not; what the third byte tells is not known. */
export function issuedFile(issued: { signature: boolean; authentication: boolean }): CardFile {
  return transparentFile(
    Uint8Array.of(issued.signature ? 0x8f : 0x00, issued.authentication ? 0x8f : 0x00, 0x00),
    null,
  );
}
