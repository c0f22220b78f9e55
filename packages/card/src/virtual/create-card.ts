import type { CardContents } from "./card-contents.ts";
import { applications } from "./card-files.ts";
import type { CardApplication, CardState, PrintedContents } from "./card-state.ts";
import { commonFiles, residentRegisterFiles } from "./common-files.ts";
import { issuerDomainFiles } from "./issuer-domain-files.ts";
import { jpkiFiles } from "./jpki-files.ts";
import { textFiles } from "./text-files.ts";
import { visualFiles } from "./visual-files.ts";

/**
 * Issues a card. Throws TypeError for contents that no card is issued with: PINs, keys, dates or digits of another
 * form. Does not look into the certificates, nor whether they belong to their keys. What takes the issuer's signature,
 * a key of the card's own or a drawing is made when it is first used, so that issuing is quick.
 */
export function createCard(contents: CardContents): CardState {
  const model = contents.model ?? "card";
  const jpki: CardApplication = {
    identifier: applications.jpki,
    files: jpkiFiles(contents, model),
    pinChange: "reference-data",
  };
  const printed = printedContents(contents);
  if (model !== "card") {
    return { version: 1, model, applications: [{ identifier: applications.issuerDomain, files: {} }, jpki], printed };
  }
  return {
    version: 1,
    model,
    printed,
    applications: [
      { identifier: applications.issuerDomain, files: issuerDomainFiles(contents) },
      jpki,
      {
        identifier: applications.text,
        files: textFiles(contents, printed),
        defaultKey: "0013",
        pinChange: "reference-data",
      },
      { identifier: applications.visual, files: visualFiles(printed), defaultKey: "default" },
      { identifier: applications.common, files: commonFiles(contents), pinChange: "key" },
      { identifier: applications.residentRegister, files: residentRegisterFiles(contents), pinChange: "key" },
    ],
  };
}

function printedContents({ attributes, printed, myNumber, card }: CardContents): PrintedContents {
  const { municipalityCode, expiry, securityCode } = card;
  return {
    ...{ name: attributes.name, address: attributes.address, ...printed },
    ...{ birthdate: attributes.birthdate, gender: attributes.gender },
    ...{ myNumber, municipalityCode, expiry, securityCode },
    portrait: card.portrait ?? Number(card.serialNumber.slice(-4)),
  };
}
