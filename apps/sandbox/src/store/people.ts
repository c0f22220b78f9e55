import type { CardState } from "@xid/card/virtual";
import type { RegisteredAttributes } from "../ca/issue.ts";
import { SandboxError } from "../error.ts";
import type { Database } from "./database.ts";

/** The passwords as the city office set them. A holder who changed one on the card knows better. */
export type Pins = { signature: string; authentication: string; text: string };

/** Where somebody's life is registered: in a municipality, abroad, or in no register any more. */
export type Standing = "resident" | "abroad" | "deceased";

export type CardStanding = "none" | "valid" | "suspended" | "void";

export const phoneModels = ["android", "iphone"] as const;
export type PhoneModel = (typeof phoneModels)[number];

/** What the register says of a person. */
export type Register = RegisteredAttributes & { kana: string; standing: Standing };

/** A resident as the register has them, without the card itself. */
export type Resident = Register & {
  id: string;
  persona: string;
  pins: Pins;
  card: CardStanding;
  /** How many cards this person has had, the present one included. */
  cardNumber: number;
  /** The phone that holds, or held last, certificates of its own. */
  phone: PhoneModel | null;
  createdAt: Date;
};

export type NewResident = Omit<Resident, "standing" | "card" | "phone"> & { myNumber: string };

const columns =
  "id, persona, name, kana, birthdate, gender, address, standing, pins, card_standing, card_number, phone_model, created_at";

/** Someone who lives in Japan, with a valid card or with none. */
export function recordResident(database: Database, resident: NewResident, card: CardState | null): void {
  const { id, persona, name, kana, birthdate, gender, address, myNumber, pins, cardNumber, createdAt } = resident;
  database
    .prepare(
      `INSERT INTO people (${columns}, my_number, card)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'resident', ?, ?, ?, NULL, ?, ?, ?)`,
    )
    .run(
      ...[id, persona, name, kana, birthdate, gender, address, JSON.stringify(pins)],
      ...[card === null ? "none" : "valid", cardNumber, createdAt.getTime(), myNumber],
      card && JSON.stringify(card),
    );
}

/** Throws PERSON_NOT_FOUND. */
export function findResident(database: Database, id: string): Resident {
  const row = database.prepare(`SELECT ${columns} FROM people WHERE id = ?`).get(id);
  if (!row) throw new SandboxError("PERSON_NOT_FOUND", "there is no such resident");
  return residentOf(row as Row);
}

/** Newest first. */
export function listResidents(database: Database): Resident[] {
  const rows = database.prepare(`SELECT ${columns} FROM people ORDER BY created_at DESC, rowid DESC`).all();
  return (rows as Row[]).map(residentOf);
}

export function countResidents(database: Database): number {
  return (database.prepare("SELECT count(*) AS count FROM people").get() as { count: number }).count;
}

export function isTaken(database: Database, column: "id" | "my_number", value: string): boolean {
  return database.prepare(`SELECT 1 FROM people WHERE ${column} = ?`).get(value) !== undefined;
}

/** Only for the city office's own window: no list, log or address ever holds it. */
export function readMyNumber(database: Database, id: string): string {
  const row = database.prepare("SELECT my_number AS number FROM people WHERE id = ?").get(id) as
    | { number: string }
    | undefined;
  if (!row) throw new SandboxError("PERSON_NOT_FOUND", "there is no such resident");
  return row.number;
}

/** Throws PERSON_NOT_FOUND, and CARD_ABSENT for who has had none. */
export function readCard(database: Database, id: string): CardState {
  const card = readState(database, id, "card");
  if (!card) throw new SandboxError("CARD_ABSENT", "the resident has no card");
  return card;
}

/** Throws PERSON_NOT_FOUND, and PHONE_ABSENT for who has had no certificates on one. */
export function readPhone(database: Database, id: string): CardState {
  const phone = readState(database, id, "phone");
  if (!phone) throw new SandboxError("PHONE_ABSENT", "the resident has no certificates on a phone");
  return phone;
}

function readState(database: Database, id: string, column: "card" | "phone"): CardState | undefined {
  const row = database.prepare(`SELECT ${column} AS state FROM people WHERE id = ?`).get(id) as
    | { state: string | null }
    | undefined;
  if (!row) throw new SandboxError("PERSON_NOT_FOUND", "there is no such resident");
  return row.state === null ? undefined : (JSON.parse(row.state) as CardState);
}

export function recordCard(database: Database, id: string, card: CardState): void {
  database.prepare("UPDATE people SET card = ? WHERE id = ?").run(JSON.stringify(card), id);
}

export function recordPhone(database: Database, id: string, phone: CardState): void {
  database.prepare("UPDATE people SET phone = ? WHERE id = ?").run(JSON.stringify(phone), id);
}

/** All that is kept of a resident, except who they are (id, persona, since when) and what their card holds. */
export function recordChanges(database: Database, resident: Resident): void {
  const { id, name, kana, birthdate, gender, address, standing, pins, card, cardNumber, phone } = resident;
  database
    .prepare(
      `UPDATE people SET name = ?, kana = ?, birthdate = ?, gender = ?, address = ?, standing = ?, pins = ?,
       card_standing = ?, card_number = ?, phone_model = ? WHERE id = ?`,
    )
    .run(...[name, kana, birthdate, gender, address, standing, JSON.stringify(pins)], ...[card, cardNumber, phone, id]);
}

export function recordMyNumber(database: Database, id: string, myNumber: string): void {
  database.prepare("UPDATE people SET my_number = ? WHERE id = ?").run(myNumber, id);
}

type Row = {
  id: string;
  persona: string;
  name: string;
  kana: string;
  birthdate: string;
  gender: Resident["gender"];
  address: string;
  standing: Standing;
  pins: string;
  card_standing: CardStanding;
  card_number: number;
  phone_model: PhoneModel | null;
  created_at: number;
};

function residentOf(row: Row): Resident {
  const {
    pins,
    card_standing: card,
    card_number: cardNumber,
    phone_model: phone,
    created_at: createdAt,
    ...rest
  } = row;
  return { ...rest, pins: JSON.parse(pins) as Pins, card, cardNumber, phone, createdAt: new Date(createdAt) };
}
