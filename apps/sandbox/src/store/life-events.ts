import type { Kind, Reason } from "../ca/kind.ts";
import type { Medium } from "../ca/medium.ts";
import type { SandboxErrorCode } from "../error.ts";
import type { Database } from "./database.ts";

/** What an event has changed; holds nothing secret. Serial numbers as all our interfaces write them. */
export type Outcome = {
  changes: Record<string, { from: string | null; to: string | null }>;
  revoked: { kind: Kind; medium: Medium; serial: string; reason: Reason }[];
  issued: { kind: Kind; medium: Medium; serial: string; notAfter: string; replaces: string | null }[];
  /** The passwords that were set anew. */
  pins: string[];
  /** The offices that heard of it. */
  told: string[];
  /** Id of the child that was born. */
  child?: string;
};

/** Why an event that was planned did not happen. */
export type Failure = { code: SandboxErrorCode; message: string };

export type LifeEventState = "pending" | "done" | "failed" | "cancelled";

export type LifeEventRecord = {
  id: number;
  personId: string;
  at: Date;
  type: string;
  input: Record<string, string>;
} & ({ state: "pending" | "cancelled" } | { state: "done"; outcome: Outcome } | { state: "failed"; outcome: Failure });

export function recordHappened(
  database: Database,
  personId: string,
  { at, type, input, outcome }: { at: Date; type: string; input: Record<string, string>; outcome: Outcome },
): void {
  database
    .prepare("INSERT INTO life_events (person_id, at, type, state, input, outcome) VALUES (?, ?, ?, 'done', ?, ?)")
    .run(personId, at.getTime(), type, JSON.stringify(input), JSON.stringify(outcome));
}

export function recordPlanned(
  database: Database,
  personId: string,
  { at, type, input }: { at: Date; type: string; input: Record<string, string> },
): number {
  const { lastInsertRowid } = database
    .prepare("INSERT INTO life_events (person_id, at, type, state, input) VALUES (?, ?, ?, 'pending', ?)")
    .run(personId, at.getTime(), type, JSON.stringify(input));
  return Number(lastInsertRowid);
}

/** A planned event has happened, or could not. `input` is what remains of what was said of it. */
export function settlePlanned(
  database: Database,
  id: number,
  settled: { input: Record<string, string> } & (
    | { state: "done"; outcome: Outcome }
    | { state: "failed"; outcome: Failure }
  ),
): void {
  database
    .prepare("UPDATE life_events SET state = ?, input = ?, outcome = ? WHERE sequence = ? AND state = 'pending'")
    .run(settled.state, JSON.stringify(settled.input), JSON.stringify(settled.outcome), id);
}

/** Whether there was such a planned event of that person. */
export function cancelPlanned(database: Database, personId: string, id: number): boolean {
  const { changes } = database
    .prepare("UPDATE life_events SET state = 'cancelled' WHERE sequence = ? AND person_id = ? AND state = 'pending'")
    .run(id, personId);
  return changes === 1;
}

export function findLifeEvent(database: Database, personId: string, id: number): LifeEventRecord | undefined {
  const row = database.prepare("SELECT * FROM life_events WHERE sequence = ? AND person_id = ?").get(id, personId);
  return row && recordOf(row as Row);
}

/** The planned event that comes first, of everybody's. */
export function firstPlanned(database: Database): LifeEventRecord | undefined {
  const row = database.prepare("SELECT * FROM life_events WHERE state = 'pending' ORDER BY at, sequence LIMIT 1").get();
  return row && recordOf(row as Row);
}

/** Of one person, or of all. */
export function countPlanned(database: Database, personId?: string): number {
  const { count } = database
    .prepare("SELECT count(*) AS count FROM life_events WHERE state = 'pending' AND (? IS NULL OR person_id = ?)")
    .get(personId ?? null, personId ?? null) as { count: number };
  return count;
}

/** The latest five hundred by their dates, oldest first, planned ones included. */
export function lifeEventsOf(database: Database, personId: string): LifeEventRecord[] {
  const rows = database
    .prepare("SELECT * FROM life_events WHERE person_id = ? ORDER BY at DESC, sequence DESC LIMIT 500")
    .all(personId) as Row[];
  return rows.reverse().map(recordOf);
}

/** Number of the event that was entered last for a person; undefined where there is none. */
export function latestLifeEvent(database: Database, personId: string): number | undefined {
  const row = database.prepare("SELECT max(sequence) AS id FROM life_events WHERE person_id = ?").get(personId);
  return (row as { id: number | null }).id ?? undefined;
}

type Row = {
  sequence: number;
  person_id: string;
  at: number;
  type: string;
  state: LifeEventState;
  input: string;
  outcome: string | null;
};

function recordOf(row: Row): LifeEventRecord {
  const { sequence: id, person_id: personId, type, state } = row;
  const common = { id, personId, at: new Date(row.at), type, input: JSON.parse(row.input) as Record<string, string> };
  const outcome = row.outcome === null ? {} : { outcome: JSON.parse(row.outcome) as unknown };
  return { ...common, state, ...outcome } as LifeEventRecord;
}
