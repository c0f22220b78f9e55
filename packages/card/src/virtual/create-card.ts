import type { CardContents } from "./card-contents.ts";
import { applications } from "./card-files.ts";
import type { CardApplication, CardModel, CardState, PrintedContents } from "./card-state.ts";
import { commonFiles, residentRegisterFiles } from "./common-files.ts";
import { draftAuthenticationFiles, draftFaceFiles } from "./draft-files.ts";
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
  const printed = printedContents(contents);
  return { version: 1, model, printed, applications: applicationsOf[model](contents, printed) };
}

const applicationsOf: Record<CardModel, (contents: CardContents, printed: PrintedContents) => CardApplication[]> = {
  card: cardApplications,
  android: (contents) => tokenApplications(contents, "android"),
  iphone: (contents) => tokenApplications(contents, "iphone"),
  "next-draft": draftApplications,
};

function cardApplications(contents: CardContents, printed: PrintedContents): CardApplication[] {
  return [
    { identifier: applications.issuerDomain, files: issuerDomainFiles(contents) },
    { identifier: applications.jpki, files: jpkiFiles(contents, "card"), pinChange: "reference-data" },
    {
      identifier: applications.text,
      files: textFiles(contents, printed),
      defaultKey: "0013",
      pinChange: "reference-data",
    },
    { identifier: applications.visual, files: visualFiles(printed), defaultKey: "default" },
    { identifier: applications.common, files: commonFiles(contents), pinChange: "key" },
    { identifier: applications.residentRegister, files: residentRegisterFiles(contents), pinChange: "key" },
  ];
}

function tokenApplications(contents: CardContents, model: CardModel): CardApplication[] {
  return [
    { identifier: applications.issuerDomain, files: {} },
    { identifier: applications.jpki, files: jpkiFiles(contents, model), pinChange: "reference-data" },
  ];
}

function draftApplications(contents: CardContents, printed: PrintedContents): CardApplication[] {
  return [
    { identifier: applications.issuerDomain, files: {} },
    {
      identifier: applications.draftAuthentication,
      files: draftAuthenticationFiles(contents),
      pinChange: "reference-data",
    },
    { identifier: applications.draftFace, files: draftFaceFiles(printed), defaultKey: "default" },
  ];
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
