import { X509Certificate } from "node:crypto";
import {
  type CardConnection,
  CardError,
  type CardInformation,
  CommonApplication,
  JpkiApplication,
  JukiApplication,
  TextApplication,
  type TokenInformation,
  VisualApplication,
} from "@xid/card";

/** What a certificate says that names nobody. */
export type CertificateOverview = { serial: string; notBefore: string; notAfter: string };

/** Everything that a card tells without a PIN. Null stands for what this card, or phone, does not have. */
export type CardOverview = {
  token: TokenInformation;
  card: CardInformation | null;
  /** `certificate` is null where it needs a PIN, as the signature certificate always does. */
  signature: { issued: boolean; triesLeft: number };
  authentication: { issued: boolean; triesLeft: number; certificate: CertificateOverview | null };
  triesLeft: {
    text: number | null;
    residentRegister: number | null;
    numberA: number | null;
    numberB: number | null;
    faceNumberA: number | null;
    faceNumberB: number | null;
    faceBirthdate: number | null;
  };
};

/** Costs no try and needs no PIN. */
export async function readOverview(card: CardConnection): Promise<CardOverview> {
  const jpki = await JpkiApplication.select(card, { acceptDraft: true });
  const token = await jpki.readTokenInformation();
  const issued = await jpki.issuedCertificates();
  const signature = { issued: issued.signature, triesLeft: await jpki.triesLeft("signature") };
  const authentication = {
    issued: issued.authentication,
    triesLeft: await jpki.triesLeft("authentication"),
    certificate: issued.authentication ? await ifReadable(authenticationCertificate(jpki)) : null,
  };
  const text = await ifThere(TextApplication.select(card, { acceptDraft: true }));
  const [pin, numberA, numberB] = [
    text && (await ifThere(text.triesLeft("pin"))),
    text && (await ifThere(text.triesLeft("A"))),
    text && (await ifThere(text.triesLeft("B"))),
  ];
  const visual = await ifThere(VisualApplication.select(card, { acceptDraft: true }));
  const [faceNumberA, faceNumberB, faceBirthdate] = [
    visual && (await ifThere(visual.triesLeft("A"))),
    visual && (await ifThere(visual.triesLeft("B"))),
    visual && (await ifThere(visual.triesLeft("birthdate"))),
  ];
  const juki = await ifThere(JukiApplication.select(card));
  const residentRegister = juki && (await ifThere(juki.triesLeft()));
  const common = await ifThere(CommonApplication.select(card));
  return {
    token,
    card: common && (await ifThere(common.readCardInformation())),
    signature,
    authentication,
    triesLeft: { text: pin, residentRegister, numberA, numberB, faceNumberA, faceNumberB, faceBirthdate },
  };
}

async function authenticationCertificate(jpki: JpkiApplication): Promise<CertificateOverview> {
  return certificateOverview(await jpki.readCertificate("authentication"));
}

/** Throws `CardError` MALFORMED_RESPONSE for what is no certificate. */
export function certificateOverview(der: Uint8Array): CertificateOverview {
  try {
    const { serialNumber, validFromDate, validToDate } = new X509Certificate(der);
    return {
      serial: serialNumber.toLowerCase(),
      notBefore: validFromDate.toISOString(),
      notAfter: validToDate.toISOString(),
    };
  } catch (cause) {
    throw new CardError("MALFORMED_RESPONSE", "not a certificate", { cause });
  }
}

const ifThere = <T>(reading: Promise<T>) => unless(reading, ["NOT_A_MY_NUMBER_CARD", "FILE_NOT_FOUND"]);
const ifReadable = <T>(reading: Promise<T>) => unless(reading, ["SECURITY_STATUS", "CERTIFICATE_ABSENT"]);

async function unless<T>(reading: Promise<T>, codes: CardError["code"][]): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof CardError && codes.includes(error.code)) return null;
    throw error;
  }
}
