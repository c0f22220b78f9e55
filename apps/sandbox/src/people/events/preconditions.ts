import { type Kind, kinds } from "../../ca/kind.ts";
import { type Medium, media } from "../../ca/medium.ts";
import { ageOn } from "../../calendar.ts";
import { SandboxError } from "../../error.ts";
import { certificateOnCard, certificateOnPhone, type IssuedCertificate } from "../../store/certificates.ts";
import { signatureAge } from "../signature-age.ts";
import type { Situation } from "./life-event.ts";

/** The certificates on card and phone that are neither revoked nor expired. */
export function live(
  { certificates, at }: Situation,
  { kinds: wanted = kinds, media: where = media }: { kinds?: readonly Kind[]; media?: readonly Medium[] } = {},
): IssuedCertificate[] {
  return certificates.filter(
    ({ kind, medium, held, revocation, notAfter }) =>
      held && !revocation && notAfter >= at && wanted.includes(kind) && medium !== null && where.includes(medium),
  );
}

/** The kinds that the card has had: a signature certificate is on request, and stays requested. */
export function kindsOnCard({ certificates }: Situation): Kind[] {
  return kinds.filter((kind) => certificateOnCard([...certificates], kind));
}

/** The kinds that a new card gets: none for signatures under fifteen. */
export function kindsForNewCard(situation: Situation): Kind[] {
  const requested = kindsOnCard(situation);
  return requested.length > 0 ? requested : isOfSignatureAge(situation) ? [...kinds] : ["authentication"];
}

export function isOfSignatureAge({ today, resident }: Situation): boolean {
  return ageOn(today, resident.birthdate) >= signatureAge;
}

export function requireAlive({ resident }: Situation): void {
  if (resident.standing === "deceased") throw new SandboxError("RESIDENT_DECEASED", "the resident has died");
}

/** Alive, and with an address in Japan. */
export function requireInJapan(situation: Situation): void {
  requireAlive(situation);
  if (situation.resident.standing === "abroad") throw new SandboxError("RESIDENT_ABROAD", "the resident lives abroad");
}

/** Alive, with a card that may be used. */
export function requireCard(situation: Situation): void {
  requireAlive(situation);
  const standing = situation.resident.card;
  if (standing === "none") throw new SandboxError("CARD_ABSENT", "the resident has no card");
  if (standing === "void") throw new SandboxError("CARD_VOID", "the card is void: a new one is needed");
  if (standing === "suspended") throw new SandboxError("CARD_SUSPENDED", "the card is suspended: is it found?");
  if (situation.cardExpiry !== undefined && situation.cardExpiry < situation.today) {
    throw new SandboxError("CARD_EXPIRED", "the card has expired: a new one is needed");
  }
}

export function requireSignatureAge(situation: Situation): void {
  if (!isOfSignatureAge(situation)) {
    throw new SandboxError("UNDER_SIGNATURE_AGE", `there is no signature certificate under ${signatureAge}`);
  }
}

/** Full years of age, for what children don't do. */
export function requireAge({ today, resident }: Situation, age: number): void {
  if (ageOn(today, resident.birthdate) < age) throw new SandboxError("AGE_UNSUITABLE", `nobody under ${age} does that`);
}

/** Applications for a phone are signed with the card. */
export function requireSigningCard(situation: Situation): void {
  requireCard(situation);
  requireSignatureAge(situation);
  if (live(situation, { kinds: ["signature"], media: ["card"] }).length === 0) {
    throw new SandboxError("SIGNATURE_NOT_VALID", "the card's signature certificate is not valid");
  }
}

export function requirePhone(situation: Situation): void {
  if (!kinds.some((kind) => certificateOnPhone([...situation.certificates], kind))) {
    throw new SandboxError("PHONE_ABSENT", "the resident has no certificates on a phone");
  }
}
