import type { Kind } from "../ca/kind.ts";
import type { World } from "../world.ts";

/** What the clock will bring about on its way to a time, as far as it is settled already. */
export type Foreseen = {
  events: { at: Date; type: string; personId: string; name: string }[];
  /** Valid certificates that end on the way. */
  certificates: { notAfter: Date; kind: Kind; personId: string; name: string }[];
  /** How many there are of each; the lists have the first of them only. */
  counts: { events: number; certificates: number };
};

const most = 50;

/** Residents of the town are in it only when somebody has met them. An event may turn out not to be possible. */
export function foresee({ database, clock }: World, to: Date): Foreseen {
  const span = [clock().getTime(), to.getTime()] as const;
  const events = "life_events JOIN people ON people.id = person_id WHERE state = 'pending' AND at <= ?";
  const certificates =
    "certificates JOIN people ON people.id = person_id WHERE held = 1 AND revoked_at IS NULL AND not_after >= ? AND not_after < ?";
  const count = (from: string, ...values: number[]) =>
    (database.prepare(`SELECT count(*) AS count FROM ${from}`).get(...values) as { count: number }).count;
  const eventRows = database
    .prepare(`SELECT at, type, person_id, name FROM ${events} ORDER BY at, sequence LIMIT ${most}`)
    .all(span[1]) as { at: number; type: string; person_id: string; name: string }[];
  const certificateRows = database
    .prepare(`SELECT not_after, kind, person_id, name FROM ${certificates} ORDER BY not_after, kind LIMIT ${most}`)
    .all(...span) as { not_after: number; kind: Kind; person_id: string; name: string }[];
  return {
    events: eventRows.map(({ at, type, person_id: personId, name }) => ({ at: new Date(at), type, personId, name })),
    certificates: certificateRows.map(({ not_after: end, kind, person_id: personId, name }) => ({
      notAfter: new Date(end),
      ...{ kind, personId, name },
    })),
    counts: { events: count(events, span[1]), certificates: count(certificates, ...span) },
  };
}
