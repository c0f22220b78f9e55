import type { CardContents, KeyPair as CardKeyPair } from "@xid/card/virtual";
import type { KeyPair } from "../ca/certificate.ts";
import { issueAuthenticationCertificate, issueSignatureCertificate } from "../ca/issue.ts";
import type { Kind } from "../ca/kind.ts";
import type { Medium } from "../ca/medium.ts";
import { certificateEnd } from "../ca/validity.ts";
import { ageOn, birthdayAfter, type Day, dayInJapan, endOfDay } from "../calendar.ts";
import {
  certificateOnCard,
  certificateOnPhone,
  certificatesOfPerson,
  recordCertificate,
  takeSerial,
} from "../store/certificates.ts";
import type { Resident } from "../store/people.ts";
import type { World } from "../world.ts";
import { municipalityOf } from "./municipalities.ts";
import { substituteCharacters } from "./substitute-characters.ts";

const adultAge = 18;

/** Certificates with their keys, as the card takes them, and the certificate of the generation that issued each. */
export type CardKeyPairs = Partial<Record<Kind, CardKeyPair & { authority: Uint8Array }>>;

/**
 * Issues certificates from the register as it is and enters them as the ones on the card or phone. Both at once where `kinds`
 * has both; none outlives the card; a signature certificate alone ends with the authentication certificate at the latest, and one on a phone with
 * its like on the card. Takes one of `keys` each.
 */
export function issueCertificates(
  world: World,
  resident: Resident,
  kinds: readonly Kind[],
  keys: KeyPair[],
  at: Date,
  { medium, cardExpiry: lastDay }: { medium: Medium; cardExpiry: Day },
): CardKeyPairs {
  const { database, authorities, random } = world;
  const issued: CardKeyPairs = {};
  const held = certificatesOfPerson(database, resident.id);
  const heldHere = medium === "card" ? certificateOnCard : certificateOnPhone;
  let authenticationEnd = heldHere(held, "authentication")?.notAfter;
  for (const kind of (["authentication", "signature"] as const).filter((one) => kinds.includes(one))) {
    const key = keys.shift();
    if (!key) throw new TypeError("one key for each certificate");
    const authority = authorities.issuing(kind, at);
    const bounds = [
      authority.notAfter,
      endOfDay(lastDay),
      kind === "signature" ? authenticationEnd : undefined,
      medium === "phone" ? certificateOnCard(held, kind)?.notAfter : undefined,
    ].filter((bound) => bound !== undefined);
    const notAfter = certificateEnd(at, resident.birthdate, bounds);
    const serial = takeSerial(database, kind);
    const issue = { serial, publicKey: key.publicKey, notBefore: at, notAfter, attributes: resident, medium, random };
    const certificate =
      kind === "signature"
        ? issueSignatureCertificate(authority, issue)
        : issueAuthenticationCertificate(authority, issue, `${world.sandboxUrl}/jpki/ocsp/authentication`);
    const personId = resident.id;
    const municipality = municipalityOf(resident.address).code;
    const where = { personId, medium, municipality, generation: authority.generation };
    recordCertificate(database, { kind, serial, ...where, der: certificate, notBefore: at, notAfter });
    issued[kind] = { certificate, privateKey: key.privateKey, authority: authority.certificate };
    if (kind === "authentication") authenticationEnd = notAfter;
  }
  return issued;
}

/** The last day of a card that is issued now: the tenth birthday to come, the fifth for those under age. */
export function cardExpiry({ birthdate }: Pick<Resident, "birthdate">, at: Date): Day {
  const day = dayInJapan(at);
  return birthdayAfter(day, birthdate, ageOn(day, birthdate) >= adultAge ? 10 : 5);
}

/** Everything that a new card is made of. */
export function cardContents(
  world: World,
  resident: Pick<Resident, "name" | "address" | "birthdate" | "gender" | "pins"> & { myNumber: string },
  certificates: CardKeyPairs,
  at: Date,
): CardContents {
  const { authorities, random } = world;
  const { pins, myNumber } = resident;
  return {
    signature: certificates.signature ?? null,
    authentication: certificates.authentication ?? null,
    certificateAuthorities: {
      signature: certificates.signature?.authority ?? authorities.issuing("signature", at).certificate,
      authentication: certificates.authentication?.authority ?? authorities.issuing("authentication", at).certificate,
    },
    pins,
    myNumber,
    attributes: cardAttributes(resident),
    // The face shows the register's own characters.
    printed: { name: resident.name, address: resident.address },
    card: {
      serialNumber: `4${digits(random, 14)}`,
      municipalityCode: municipalityOf(resident.address).code,
      expiry: cardExpiry(resident, at).replaceAll("-", ""),
      securityCode: digits(random, 4),
      portrait: portraitOf(resident, dayInJapan(at)),
    },
  };
}

/** One of the six drawings that suits the holder: two of men, two of women, and one each for those of sixty and more. */
function portraitOf({ birthdate, gender }: Pick<Resident, "birthdate" | "gender">, day: Day): number {
  const drawings = { male: [0, 2, 4], female: [1, 3, 5], unknown: [3, 0, 5] }[gender] as [number, number, number];
  if (ageOn(day, birthdate) >= 60) return drawings[2];
  return drawings[Number(birthdate.at(-1)) % 2]!;
}

/** The four attributes as 券面事項入力補助AP writes them, with the certificate's substitute characters. */
export function cardAttributes({
  name,
  address,
  birthdate,
  gender,
}: Pick<Resident, "name" | "address" | "birthdate" | "gender">): CardContents["attributes"] {
  const genders = { male: "1", female: "2", unknown: "9" } as const;
  return {
    name: substituteCharacters(name).text,
    address: substituteCharacters(address).text,
    birthdate: birthdate.replaceAll("-", ""),
    gender: genders[gender],
  };
}

function digits(random: World["random"], count: number): string {
  return Array.from({ length: count }, () => random(10)).join("");
}
