import { createCard, replaceAttributes, replaceCertificates, resetPin } from "@xid/card/virtual";
import { z } from "zod";
import { type KeyPair, makeKeyPairs } from "../ca/certificate.ts";
import { type Kind, kinds, type Reason } from "../ca/kind.ts";
import { ageOn, dayInJapan } from "../calendar.ts";
import { SandboxError } from "../error.ts";
import {
  certificateOnCard,
  certificatesOfPerson,
  type IssuedCertificate,
  recordRevocation,
} from "../store/certificates.ts";
import { transaction } from "../store/database.ts";
import {
  findResident,
  type Resident,
  readCard,
  readMyNumber,
  recordAddress,
  recordCard,
  recordCardNumber,
  recordLifeEvent,
} from "../store/people.ts";
import type { World } from "../world.ts";
import { cardAttributes, cardContents, issueCertificates, signatureAge } from "./card-issue.ts";
import { municipalities, parseAddress, sampleAddress } from "./municipalities.ts";

/** The reasons that a resident's certificate is revoked for by hand. */
export const revocationReasons = [
  "cessationOfOperation",
  "keyCompromise",
  "certificateHold",
  "affiliationChanged",
  "superseded",
  "unspecified",
] as const satisfies Reason[];

/** What can happen to a resident. */
export const LifeEvent = z.discriminatedUnion("type", [
  /** Without an address, to somewhere else. */
  z.strictObject({ type: z.literal("move"), address: z.string().max(400).optional() }),
  z.strictObject({
    type: z.literal("revoke"),
    reason: z.enum(revocationReasons).optional(),
    /** Without it, both certificates. */
    kind: z.enum(kinds).optional(),
  }),
  z.strictObject({ type: z.literal("reissue-signature") }),
  z.strictObject({ type: z.literal("renew") }),
  z.strictObject({ type: z.literal("reset-pins") }),
  z.strictObject({ type: z.literal("new-card") }),
]);
export type LifeEvent = z.infer<typeof LifeEvent>;

/** How many key pairs an event may need. */
export function keyPairsFor(type: string): number {
  return { "reissue-signature": 1, renew: 2, "new-card": 2 }[type] ?? 0;
}

/**
 * Lets something happen to a resident now: register, authority and card change together or not at all. The card leaves
 * the reader for it. Throws PERSON_NOT_FOUND, ADDRESS_UNSUITABLE and, where it can't happen, SAME_ADDRESS,
 * NOTHING_TO_REVOKE, UNDER_SIGNATURE_AGE, AUTHENTICATION_NOT_VALID.
 */
export async function happen(world: World, id: string, event: LifeEvent): Promise<Resident> {
  findResident(world.database, id);
  const keys = await makeKeyPairs(keyPairsFor(event.type));
  world.reader.takeCard(id);
  return transaction(world.database, () => {
    const at = new Date(Math.floor(world.clock().getTime() / 1000) * 1000);
    applyLifeEvent(world, id, event, keys, at);
    return findResident(world.database, id);
  });
}

/** The same at a given time, inside the caller's transaction and with the card out of the reader. */
export function applyLifeEvent(world: World, id: string, event: LifeEvent, keys: KeyPair[], at: Date): void {
  const resident = findResident(world.database, id);
  const detail = apply(world, resident, event, keys, at);
  recordLifeEvent(world.database, id, { at, type: event.type, detail });
}

function apply(world: World, resident: Resident, event: LifeEvent, keys: KeyPair[], at: Date): Record<string, string> {
  switch (event.type) {
    case "move":
      return move(world, resident, event.address, at);
    case "revoke":
      return revoke(world, resident, event.kind ? [event.kind] : kinds, event.reason ?? "cessationOfOperation", at);
    case "reissue-signature":
      return reissueSignature(world, resident, keys, at);
    case "renew":
      return renew(world, resident, keys, at);
    case "reset-pins":
      return resetPins(world, resident);
    case "new-card":
      return issueNewCard(world, resident, keys, at);
  }
}

/** 転入・転居: the signature certificate names the old address, so it ends; the authentication certificate stays. */
function move(world: World, resident: Resident, text: string | undefined, at: Date): Record<string, string> {
  const { database, random } = world;
  const elsewhere = municipalities.filter(({ prefecture, name }) => !resident.address.startsWith(prefecture + name));
  const address =
    text === undefined ? sampleAddress(elsewhere[random(elsewhere.length)]!, random) : parseAddress(text, random);
  if (address === resident.address) throw new SandboxError("SAME_ADDRESS", "the resident lives there already");
  recordAddress(database, resident.id, address);
  const moved = { ...resident, address };
  recordCard(database, resident.id, replaceAttributes(readCard(database, resident.id), cardAttributes(moved), moved));
  const revoked = revokeLive(world, resident, ["signature"], "affiliationChanged", at);
  return { from: resident.address, to: address, kinds: revoked.map(({ kind }) => kind).join() };
}

function revoke(
  world: World,
  resident: Resident,
  which: readonly Kind[],
  reason: Reason,
  at: Date,
): Record<string, string> {
  const revoked = revokeLive(world, resident, which, reason, at);
  if (revoked.length === 0) throw new SandboxError("NOTHING_TO_REVOKE", "there is no valid certificate to revoke");
  return { reason, kinds: revoked.map(({ kind }) => kind).join() };
}

/** A new key and certificate with the register's present attributes; for a child who has come of age, the first one. */
function reissueSignature(world: World, resident: Resident, keys: KeyPair[], at: Date): Record<string, string> {
  if (ageOn(dayInJapan(at), resident.birthdate) < signatureAge) {
    throw new SandboxError("UNDER_SIGNATURE_AGE", `there is no signature certificate under ${signatureAge}`);
  }
  const held = certificatesOfPerson(world.database, resident.id);
  const authentication = certificateOnCard(held, "authentication");
  if (!authentication || !isLive(authentication, at)) {
    throw new SandboxError("AUTHENTICATION_NOT_VALID", "the authentication certificate is not valid: renew both");
  }
  const isFirst = !certificateOnCard(held, "signature");
  writeCertificates(world, resident, ["signature"], keys, at);
  if (isFirst) {
    const card = readCard(world.database, resident.id);
    recordCard(world.database, resident.id, resetPin(card, "signature", resident.pins.signature));
  }
  return {};
}

/** 更新: new keys and certificates on the same card, with the same passwords. */
function renew(world: World, resident: Resident, keys: KeyPair[], at: Date): Record<string, string> {
  writeCertificates(world, resident, kindsOnCard(world, resident), keys, at);
  return {};
}

/** 初期化: the passwords that the city office first set, with all tries. */
function resetPins({ database }: World, resident: Resident): Record<string, string> {
  let card = readCard(database, resident.id);
  const onCard = certificatesOfPerson(database, resident.id);
  for (const which of ["signature", "authentication", "text"] as const) {
    if (which === "signature" && !certificateOnCard(onCard, "signature")) continue;
    card = resetPin(card, which, resident.pins[which]);
  }
  recordCard(database, resident.id, card);
  return {};
}

/** 再交付: both certificates die with the old card. */
function issueNewCard(world: World, resident: Resident, keys: KeyPair[], at: Date): Record<string, string> {
  const { database } = world;
  const which = kindsOnCard(world, resident);
  revokeLive(world, resident, kinds, "cessationOfOperation", at);
  const certificates = issueCertificates(world, resident, which, keys, at);
  const holder = { ...resident, myNumber: readMyNumber(database, resident.id) };
  recordCard(database, resident.id, createCard(cardContents(world, holder, certificates, at)));
  recordCardNumber(database, resident.id, resident.cardNumber + 1);
  return {};
}

/** Those that the card has had: a signature certificate is on request, and stays requested. */
function kindsOnCard({ database }: World, resident: Resident): Kind[] {
  const held = certificatesOfPerson(database, resident.id);
  return kinds.filter((kind) => certificateOnCard(held, kind));
}

function writeCertificates(world: World, resident: Resident, which: readonly Kind[], keys: KeyPair[], at: Date): void {
  revokeLive(world, resident, which, "superseded", at);
  const certificates = issueCertificates(world, resident, which, keys, at);
  const card = readCard(world.database, resident.id);
  const authorities = Object.fromEntries(
    Object.entries(certificates).map(([kind, { authority }]) => [kind, authority]),
  );
  recordCard(world.database, resident.id, replaceCertificates(card, certificates, authorities));
}

function revokeLive(
  { database }: World,
  resident: Resident,
  which: readonly Kind[],
  reason: Reason,
  at: Date,
): IssuedCertificate[] {
  const live = certificatesOfPerson(database, resident.id).filter(
    (certificate) =>
      which.includes(certificate.kind) && certificate.held && certificate.medium === "card" && isLive(certificate, at),
  );
  for (const { kind, serial } of live) recordRevocation(database, kind, serial, { at, reason });
  return live;
}

function isLive(certificate: IssuedCertificate, at: Date): boolean {
  return !certificate.revocation && certificate.notAfter >= at;
}
