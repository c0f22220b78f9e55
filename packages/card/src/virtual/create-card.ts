import type { CardContents } from "./card-contents.ts";
import {
  applications,
  issuedFile,
  keyFile,
  keyPairFiles,
  pinFile,
  transparentFile,
  verificationNumberFile,
} from "./card-files.ts";
import type { CardApplication, CardState } from "./card-state.ts";
import { encodeAttributes, encodeCardInformation, encodeMyNumber } from "./text-files.ts";
import { tokenInformation } from "./token-information.ts";
import { verificationNumberB } from "./verification-number.ts";

/**
 * Issues a card. Throws TypeError for contents that no card is issued with: PINs, keys, dates or digits of another
 * form. Does not look into the certificates, nor whether they belong to their keys.
 */
export function createCard(contents: CardContents): CardState {
  return {
    version: 1,
    applications: [
      { identifier: applications.jpki, files: jpkiFiles(contents) },
      { identifier: applications.text, files: textFiles(contents) },
      { identifier: applications.common, files: commonFiles(contents) },
    ],
  };
}

function jpkiFiles(contents: CardContents): CardApplication["files"] {
  const { signature, authentication, certificateAuthorities, pins } = contents;
  const signatureFiles = keyPairFiles.signature;
  const authenticationFiles = keyPairFiles.authentication;
  return {
    "0001": transparentFile(signature?.certificate ?? new Uint8Array(), signatureFiles.certificateOpenedBy),
    "0002": transparentFile(certificateAuthorities.signature, null),
    "0006": transparentFile(tokenInformation, null),
    "0008": issuedFile({ signature: signature !== null, authentication: authentication !== null }),
    "000a": transparentFile(authentication?.certificate ?? new Uint8Array(), authenticationFiles.certificateOpenedBy),
    "000b": transparentFile(certificateAuthorities.authentication, null),
    "0017": keyFile(authentication, authenticationFiles.keyOpenedBy),
    "0018": pinFile("authentication", authentication && pins.authentication),
    "001a": keyFile(signature, signatureFiles.keyOpenedBy),
    "001b": pinFile("signature", signature && pins.signature),
  };
}

function textFiles({ myNumber, attributes, pins, card }: CardContents): CardApplication["files"] {
  return {
    "0001": transparentFile(encodeMyNumber(myNumber), ["0011", "0014"]),
    "0002": transparentFile(encodeAttributes(attributes), ["0011", "0015"]),
    "0011": pinFile("text", pins.text),
    // 照合番号A is the number itself.
    "0014": verificationNumberFile(myNumber),
    "0015": verificationNumberFile(verificationNumberB(attributes.birthdate, card.expiry, card.securityCode)),
  };
}

function commonFiles({ card }: CardContents): CardApplication["files"] {
  return { "0001": { kind: "records", records: [Buffer.from(encodeCardInformation(card)).toString("base64")] } };
}
