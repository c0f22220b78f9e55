import { verificationNumberB } from "../verification-number.ts";
import type { CardContents } from "./card-contents.ts";
import { firstUseFile, transparentFile, verificationNumberFile } from "./card-files.ts";
import type { CardApplication, PrintedContents } from "./card-state.ts";
import { certificateFiles } from "./jpki-files.ts";
import { encodeAttributes, encodeMyNumber } from "./text-files.ts";

/**
 * The draft's 認証AP, a working title: everything that needs a PIN. Published of the next card are two applications, two PINs
 * and ECDSA with 384 bits; names, files and records here are this simulator's, after the present card's.
 */
export function draftAuthenticationFiles(contents: CardContents): CardApplication["files"] {
  return {
    ...certificateFiles(contents, "next-draft"),
    "000c": transparentFile(encodeMyNumber(contents.myNumber), ["0018"]),
    ...draftAttributesFiles(contents.attributes),
    "000f": firstUseFile("transparent", null),
  };
}

/** The attributes and the record over them. */
export function draftAttributesFiles(attributes: CardContents["attributes"]): CardApplication["files"] {
  return {
    "000d": transparentFile(encodeAttributes(attributes), ["0018"]),
    "000e": firstUseFile("transparent", ["0018"]),
  };
}

/** The draft's 券面等AP: what the printed 照合番号 open. */
export function draftFaceFiles(printed: PrintedContents): CardApplication["files"] {
  return {
    ...draftPrintedFiles,
    "0004": firstUseFile("transparent", null),
    ...draftVerificationNumbers(printed),
    default: firstUseFile("key", null),
  };
}

export const draftPrintedFiles: CardApplication["files"] = {
  "0002": firstUseFile("transparent", ["0012", "0013"]),
  "0005": firstUseFile("transparent", ["0013"]),
};

export function draftVerificationNumbers(printed: PrintedContents): CardApplication["files"] {
  return {
    "0012": verificationNumberFile(verificationNumberB(printed)),
    "0013": verificationNumberFile(printed.myNumber),
  };
}
