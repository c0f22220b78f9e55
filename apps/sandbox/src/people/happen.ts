import { type CardState, createCard, replaceAttributes, replaceCertificates, resetPin } from "@xid/card/virtual";
import { type KeyPair, makeDraftKeyPair, makeKeyPairs, serialHex } from "../ca/certificate.ts";
import type { Kind } from "../ca/kind.ts";
import { type Day, dayInJapan } from "../calendar.ts";
import {
  certificateOnCard,
  certificateOnPhone,
  certificatesOfPerson,
  recordRevocation,
} from "../store/certificates.ts";
import { type Database, transaction } from "../store/database.ts";
import { type Outcome, recordHappened } from "../store/life-events.ts";
import {
  findResident,
  type Resident,
  readCard,
  readMyNumber,
  recordCard,
  recordChanges,
  recordMyNumber,
  recordPhone,
  recordResident,
} from "../store/people.ts";
import type { World } from "../world.ts";
import { cardAttributes, cardContents, cardExpiry, issueCertificates } from "./card-issue.ts";
import type { Consequences, Situation } from "./events/life-event.ts";
import { definitionOf } from "./life-events.ts";
import { makeId, makePins, makeUniqueMyNumber } from "./new-resident.ts";

/** Key pairs for certificates that are about to be issued. */
export type KeyStock = { take(count: number): KeyPair[] };

class KeysMissing extends Error {
  readonly count: number;

  constructor(count: number) {
    super("key pairs are missing");
    this.count = count;
  }
}

/**
 * Runs `work` in a transaction with as many new keys as it takes: when there are too few, all of it is undone, keys are
 * made meanwhile without holding anybody up, and it runs once more. `expected`: how many to make beforehand.
 */
export async function withKeys<T>(database: Database, work: (keys: KeyStock) => T, expected = 0): Promise<T> {
  const made: KeyPair[] = await makeKeyPairs(expected);
  for (;;) {
    const left = [...made];
    const take = (count: number) => {
      if (left.length < count) throw new KeysMissing(count - left.length);
      return left.splice(0, count);
    };
    try {
      return transaction(database, () => work({ take }));
    } catch (error) {
      if (!(error instanceof KeysMissing)) throw error;
      made.push(...(await makeKeyPairs(error.count)));
    }
  }
}

type Happening = { type: string; at: Date; input: Record<string, string> };

/**
 * Lets an event happen at a given time: register, authority, card and phone change together, inside the caller's
 * transaction. Throws `SandboxError` with the reason when it can't happen. Nothing is recorded of it yet.
 */
export function letHappen(world: World, personId: string, { type, at, input }: Happening, keys: KeyStock): Outcome {
  const situation = situationOf(world, findResident(world.database, personId), at);
  return carryOut(world, situation, definitionOf(type).decide(situation, input), keys);
}

/** The same, entered in the person's timeline. */
export function letHappenAndRecord(world: World, personId: string, happening: Happening, keys: KeyStock): void {
  const outcome = letHappen(world, personId, happening, keys);
  const { type, at, input } = happening;
  recordHappened(world.database, personId, { at, type, input: shownInput(type, input), outcome });
}

/** What was said of an event, without secrets. */
export function shownInput(type: string, input: Record<string, string>): Record<string, string> {
  const { fields } = definitionOf(type);
  return Object.fromEntries(Object.entries(input).filter(([name]) => !fields[name]?.secret));
}

/** What an event of this resident would look at. */
export function situationOf({ database, random }: World, resident: Resident, at: Date): Situation {
  return {
    resident,
    certificates: certificatesOfPerson(database, resident.id),
    cardExpiry: resident.card === "none" ? undefined : expiryOf(database, resident.id),
    at,
    today: dayInJapan(at),
    random,
  };
}

/** The last day of the present card. */
export function expiryOf(database: Database, personId: string): Day {
  return readCard(database, personId).printed.expiry.replace(/^(....)(..)(..)$/, "$1-$2-$3");
}

function carryOut(world: World, situation: Situation, consequences: Consequences, keys: KeyStock): Outcome {
  const { database } = world;
  const { resident: before, at } = situation;
  const after = changed(before, consequences);
  const outcome: Outcome = {
    changes: changesBetween(before, after),
    revoked: revoke(database, situation, consequences),
    issued: [],
    pins: [],
    told: [],
  };
  recordChanges(database, after);
  if (consequences.newMyNumber) recordMyNumber(database, after.id, makeUniqueMyNumber(world));
  if (consequences.issue) outcome.issued = issue(world, situation, after, consequences, keys);
  if (after.card === "valid" && !consequences.newCard) rewriteCard(database, before, after);
  if (consequences.pins) outcome.pins = setPins(database, after.id, consequences.pins);
  if (consequences.child) outcome.child = registerChild(world, consequences.child, at);
  outcome.told = told(outcome, consequences);
  return outcome;
}

function changed(before: Resident, { register, card, newCard, phone, pins }: Consequences): Resident {
  return {
    ...before,
    ...register,
    ...(card === undefined ? {} : { card }),
    ...(newCard ? { cardNumber: before.cardNumber + 1 } : {}),
    ...(phone === undefined ? {} : { phone }),
    pins: { ...before.pins, ...pins },
  };
}

function changesBetween(before: Resident, after: Resident): Outcome["changes"] {
  const fields = ["name", "kana", "birthdate", "gender", "address", "standing", "card", "cardNumber", "phone"] as const;
  const text = (value: string | number | null) => (value === null ? null : String(value));
  const changes = fields.filter((field) => before[field] !== after[field]);
  return Object.fromEntries(changes.map((field) => [field, { from: text(before[field]), to: text(after[field]) }]));
}

function revoke(database: Database, { at }: Situation, { revoke: wanted }: Consequences): Outcome["revoked"] {
  return (wanted?.certificates ?? []).map(({ kind, medium, serial }) => {
    const { reason } = wanted!;
    recordRevocation(database, kind, serial, { at, reason });
    return { kind, medium: medium ?? "card", serial: serialHex(serial), reason };
  });
}

function issue(
  world: World,
  { certificates: former, at }: Situation,
  after: Resident,
  { issue: wanted, newCard, phone }: Consequences,
  keys: KeyStock,
): Outcome["issued"] {
  const { database } = world;
  const { medium, kinds } = wanted!;
  const { id } = after;
  const holder = { ...after, myNumber: readMyNumber(database, id) };
  const expiry = newCard ? cardExpiry(after, at) : expiryOf(database, id);
  const model = medium === "phone" ? phone : (newCard ?? readCard(database, id).model);
  const pairs = model === "next-draft" ? kinds.map(makeDraftKeyPair) : keys.take(kinds.length);
  const certificates = issueCertificates(world, after, kinds, pairs, at, {
    medium,
    cardExpiry: expiry,
  });
  if (newCard)
    recordCard(database, id, createCard({ ...cardContents(world, holder, certificates, at), model: newCard }));
  else if (medium === "card") {
    const authorities = Object.fromEntries(
      Object.entries(certificates).map(([kind, { authority }]) => [kind, authority]),
    );
    recordCard(database, id, replaceCertificates(readCard(database, id), certificates, authorities));
  } else if (phone) {
    recordPhone(database, id, createCard({ ...cardContents(world, holder, certificates, at), model: phone }));
  }
  const heldHere = medium === "card" ? certificateOnCard : certificateOnPhone;
  const now = certificatesOfPerson(database, id);
  return kinds.map((kind: Kind) => {
    const { serial, notAfter } = heldHere(now, kind)!;
    const replaced = heldHere([...former], kind);
    return {
      kind,
      medium,
      serial: serialHex(serial),
      notAfter: notAfter.toISOString(),
      replaces: replaced ? serialHex(replaced.serial) : null,
    };
  });
}

/** Those that this card has; the draft of the next card has two only. */
function setPins(database: Database, id: string, pins: NonNullable<Consequences["pins"]>): string[] {
  const card = readCard(database, id);
  const present = Object.entries(pins).filter(([which]) => which !== "text" || card.model === "card");
  const set = (state: CardState, [which, value]: [string, string]) =>
    resetPin(state, which as keyof typeof pins, value);
  recordCard(database, id, present.reduce(set, card));
  return present.map(([which]) => which);
}

/** At the counter: the attributes on a card that its holder has at hand follow the register. */
function rewriteCard(database: Database, before: Resident, after: Resident): void {
  const same = ["name", "address", "birthdate", "gender", "card"] as const;
  if (same.every((field) => before[field] === after[field])) return;
  const card = readCard(database, after.id);
  recordCard(database, after.id, replaceAttributes(card, cardAttributes(after), after));
}

function registerChild(world: World, child: NonNullable<Consequences["child"]>, at: Date): string {
  const id = makeId(world);
  const { standing: _, ...attributes } = child;
  const own = { persona: "default", pins: makePins(world, id), cardNumber: 0, createdAt: at };
  recordResident(world.database, { ...attributes, ...own, id, myNumber: makeUniqueMyNumber(world) }, null);
  const outcome: Outcome = {
    changes: {},
    revoked: [],
    issued: [],
    pins: [],
    told: ["city-office", "resident-network"],
  };
  recordHappened(world.database, id, { at, type: "registration", input: {}, outcome });
  return id;
}

/** Those who hear of every change of the register, the authorities, and whom the event itself names. */
function told({ changes, revoked, issued }: Outcome, { register, told: named = [] }: Consequences): string[] {
  const offices = new Set<string>(
    register && Object.keys(changes).length > 0 ? ["city-office", "resident-network"] : [],
  );
  for (const { kind } of [...revoked, ...issued]) offices.add(`${kind}-authority`);
  for (const office of named) offices.add(office);
  return [...offices];
}
