import { serialHex } from "../ca/certificate.ts";
import { birthdayIn, endOfDay, startOfDay } from "../calendar.ts";
import type { SandboxErrorCode } from "../error.ts";
import { certificatesOfPerson } from "../store/certificates.ts";
import {
  type Failure,
  type LifeEventRecord,
  type LifeEventState,
  lifeEventsOf,
  type Outcome,
} from "../store/life-events.ts";
import type { Resident } from "../store/people.ts";
import type { World } from "../world.ts";
import type { Words } from "./events/life-event.ts";
import { expiryOf } from "./happen.ts";
import { lifeEvents } from "./life-events.ts";
import { signatureAge } from "./signature-age.ts";

/** What happened to a resident, or is planned; times in ISO 8601. */
export type TimelineEntry = {
  /** For cancelling a planned event; null for what comes of a date by itself. */
  id: number | null;
  at: string;
  type: string;
  title: Words;
  state: LifeEventState;
  input: Record<string, string>;
  failure?: { code: SandboxErrorCode; message: string };
} & Outcome;

const nothing: Outcome = { changes: {}, revoked: [], issued: [], pins: [], told: [] };

/** Titles of what is in timelines without being in the table of events. */
const otherTitles: Record<string, Words> = {
  registration: { ja: "住民登録", en: "Registered" },
  "fifteenth-birthday": {
    ja: "15歳の誕生日（署名用電子証明書を発行できます）",
    en: "Fifteenth birthday: a signature certificate is possible",
  },
  "certificates-expired": { ja: "電子証明書の有効期限", en: "Certificates expired" },
  "card-expired": { ja: "カードの有効期限", en: "Card expired" },
};

/** All of a resident's life that matters here, oldest first: what happened, what came of itself, what is planned. */
export function timelineOf(world: World, resident: Resident): TimelineEntry[] {
  const recorded = lifeEventsOf(world.database, resident.id).map(presentRecord);
  const entries = [...recorded, ...passedDates(world, resident)];
  return entries.sort((a, b) => a.at.localeCompare(b.at) || Number(a.id === null) - Number(b.id === null));
}

export function titleOf(type: string): Words {
  const { ja, en } = lifeEvents.find((event) => event.type === type) ?? otherTitles[type] ?? { ja: type, en: type };
  return { ja, en };
}

function presentRecord(record: LifeEventRecord): TimelineEntry {
  const { id, at, type, state, input } = record;
  const entry = { id, at: at.toISOString(), type, title: titleOf(type), state, input };
  if (state === "done") return { ...entry, ...record.outcome };
  return { ...entry, ...nothing, ...(state === "failed" ? { failure: record.outcome as Failure } : {}) };
}

/** What the calendar does without anybody: nothing of it is kept, it follows from the dates. */
function passedDates(world: World, resident: Resident): TimelineEntry[] {
  const { database, clock } = world;
  const now = clock();
  const entry = (type: string, at: Date, outcome: Partial<Outcome> = {}): TimelineEntry => ({
    ...{ id: null, at: at.toISOString(), type, title: titleOf(type), state: "done", input: {} },
    ...nothing,
    ...outcome,
  });
  const ends = new Map<number, string[]>();
  for (const { serial, kind, held, revocation, notAfter } of certificatesOfPerson(database, resident.id)) {
    if (!held || revocation || notAfter >= now) continue;
    ends.set(notAfter.getTime(), [...(ends.get(notAfter.getTime()) ?? []), `${kind} ${serialHex(serial)}`]);
  }
  const expired = [...ends].map(([end, certificates]) => ({
    ...entry("certificates-expired", new Date(end)),
    input: { certificates: certificates.join(", ") },
  }));
  const year = Number(resident.birthdate.slice(0, 4)) + signatureAge;
  const birthday = startOfDay(birthdayIn(year, resident.birthdate));
  const wasHere = birthday >= resident.createdAt && birthday <= now;
  const cardEnd = resident.card === "valid" ? endOfDay(expiryOf(database, resident.id)) : undefined;
  return [
    ...expired,
    ...(wasHere && resident.standing !== "deceased" ? [entry("fifteenth-birthday", birthday)] : []),
    ...(cardEnd && cardEnd < now ? [entry("card-expired", cardEnd)] : []),
  ];
}
