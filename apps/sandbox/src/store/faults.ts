import type { Fault } from "../faults/fault.ts";
import type { Database } from "./database.ts";

/** In place of the one of the same kind for the same verifier, card or everyone. */
export function recordFault(database: Database, { setAt, expiresAt, ...rest }: Fault): void {
  database
    .prepare(
      `INSERT INTO faults VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
       detail = excluded.detail, set_at = excluded.set_at, expires_at = excluded.expires_at`,
    )
    .run(rest.kind, targetOf(rest), JSON.stringify(rest), setAt.getTime(), expiresAt?.getTime() ?? null);
}

export function forgetFault(database: Database, fault: Fault): void {
  database.prepare("DELETE FROM faults WHERE kind = ? AND target = ?").run(fault.kind, targetOf(fault));
}

export function readFaults(database: Database): Fault[] {
  const rows = database.prepare("SELECT detail, set_at, expires_at FROM faults ORDER BY rowid").all();
  return (rows as Row[]).map(({ detail, set_at: setAt, expires_at: expiresAt }) => ({
    ...(JSON.parse(detail) as Fault),
    setAt: new Date(setAt),
    expiresAt: expiresAt === null ? undefined : new Date(expiresAt),
  }));
}

/** Whom a fault is for, in one word. */
export function targetOf({ verifier, person }: { verifier?: string | undefined; person?: string | undefined }): string {
  if (verifier !== undefined) return `verifier ${verifier}`;
  return person === undefined ? "everyone" : `person ${person}`;
}

type Row = { detail: string; set_at: number; expires_at: number | null };
