import type { CardState } from "@xid/card/virtual";
import type { RegisteredAttributes } from "../ca/issue.ts";
import { SandboxError } from "../error.ts";
import type { Database } from "./database.ts";

/** The passwords as the city office set them. A holder who changed one on the card knows better. */
export type Pins = { signature: string; authentication: string; text: string };

/** A resident as the register has them, without the card itself. */
export type Resident = RegisteredAttributes & {
  id: string;
  persona: string;
  kana: string;
  pins: Pins;
  /** How many cards this person has had, the present one included. */
  cardNumber: number;
  createdAt: Date;
};

export type NewResident = Resident & { myNumber: string };

/** Something that happened to a resident; `detail` depends on the type and holds nothing secret. */
export type LifeEventRecord = { at: Date; type: string; detail: Record<string, string> };

const columns = "id, persona, name, kana, birthdate, gender, address, pins, card_number, created_at";

export function recordResident(database: Database, resident: NewResident, card: CardState): void {
  const { id, persona, name, kana, birthdate, gender, address, myNumber, pins, cardNumber, createdAt } = resident;
  database
    .prepare(`INSERT INTO people (${columns}, my_number, card) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    .run(
      ...[id, persona, name, kana, birthdate, gender, address, JSON.stringify(pins), cardNumber, createdAt.getTime()],
      myNumber,
      JSON.stringify(card),
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

export function readCard(database: Database, id: string): CardState {
  const row = database.prepare("SELECT card FROM people WHERE id = ?").get(id) as { card: string } | undefined;
  if (!row) throw new SandboxError("PERSON_NOT_FOUND", "there is no such resident");
  return JSON.parse(row.card) as CardState;
}

export function recordCard(database: Database, id: string, card: CardState): void {
  database.prepare("UPDATE people SET card = ? WHERE id = ?").run(JSON.stringify(card), id);
}

export function recordCardNumber(database: Database, id: string, cardNumber: number): void {
  database.prepare("UPDATE people SET card_number = ? WHERE id = ?").run(cardNumber, id);
}

export function recordAddress(database: Database, id: string, address: string): void {
  database.prepare("UPDATE people SET address = ? WHERE id = ?").run(address, id);
}

export function recordLifeEvent(database: Database, id: string, { at, type, detail }: LifeEventRecord): void {
  database
    .prepare("INSERT INTO life_events (person_id, at, type, detail) VALUES (?, ?, ?, ?)")
    .run(id, at.getTime(), type, JSON.stringify(detail));
}

/** The latest hundred, newest first. */
export function lifeEventsOf(database: Database, id: string): LifeEventRecord[] {
  const rows = database
    .prepare("SELECT at, type, detail FROM life_events WHERE person_id = ? ORDER BY sequence DESC LIMIT 100")
    .all(id) as { at: number; type: string; detail: string }[];
  return rows.map(({ at, type, detail }) => ({
    at: new Date(at),
    type,
    detail: JSON.parse(detail) as Record<string, string>,
  }));
}

type Row = {
  id: string;
  persona: string;
  name: string;
  kana: string;
  birthdate: string;
  gender: Resident["gender"];
  address: string;
  pins: string;
  card_number: number;
  created_at: number;
};

function residentOf(row: Row): Resident {
  const { pins, card_number: cardNumber, created_at: createdAt, ...rest } = row;
  return { ...rest, pins: JSON.parse(pins) as Pins, cardNumber, createdAt: new Date(createdAt) };
}
