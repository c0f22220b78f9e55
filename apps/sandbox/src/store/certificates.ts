import type { RevokedEntry } from "../ca/crl-entry.ts";
import type { Kind, Reason } from "../ca/kind.ts";
import type { Medium } from "../ca/medium.ts";
import { townResidentId, townResidentNumber } from "../town/resident-id.ts";
import type { TownCertificate } from "../town/town.ts";
import { type Database, prepareOnce } from "./database.ts";
import { findTown } from "./town.ts";

export type Revocation = { at: Date; reason: Reason };

/** A certificate as the authority's register has it. */
export type IssuedCertificate = {
  kind: Kind;
  /** One series for each kind, over generations and media. */
  serial: number;
  /** Which generation of the authority issued it. */
  generation: number;
  /** Null for the authority's own certificates, and so are the next two. */
  personId: string | null;
  medium: Medium | null;
  /** Code of the municipality whose revocation list would name it: that of the address at the time of issue. */
  municipality: string | null;
  /** Undefined for a resident of the town whom nobody has met yet. */
  der: Uint8Array | undefined;
  notBefore: Date;
  notAfter: Date;
  revocation: Revocation | undefined;
  /** Whether the person's card or phone holds it now. */
  held: boolean;
};

/** The next serial number of an authority. Serial numbers only grow; one that is taken is never given again. */
export function takeSerial(database: Database, kind: Kind): number {
  const row = database
    .prepare("UPDATE serial_numbers SET next = next + 1 WHERE kind = ? RETURNING next - 1 AS serial")
    .get(kind) as { serial: number };
  return row.serial;
}

/** A certificate of a person is on their card or phone from then on, in place of the one before. */
export function recordCertificate(
  database: Database,
  certificate: Omit<IssuedCertificate, "revocation" | "held" | "der"> & { der: Uint8Array },
): void {
  const { kind, serial, generation, personId, medium, municipality, der, notBefore, notAfter } = certificate;
  database
    .prepare("UPDATE certificates SET held = 0 WHERE person_id = ? AND kind = ? AND medium = ?")
    .run(personId, kind, medium);
  database
    .prepare("INSERT INTO certificates VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?)")
    .run(
      ...[kind, serial, generation, personId, medium, municipality, der, notBefore.getTime(), notAfter.getTime()],
      personId === null ? 0 : 1,
    );
}

/** A revoked certificate stays as it was revoked: neither the time nor the reason changes later. */
export function recordRevocation(database: Database, kind: Kind, serial: number, { at, reason }: Revocation): void {
  database
    .prepare("UPDATE certificates SET revoked_at = ?, reason = ? WHERE kind = ? AND serial = ? AND revoked_at IS NULL")
    .run(Math.floor(at.getTime() / 1000) * 1000, reason, kind, serial);
}

export function findCertificate(database: Database, kind: Kind, serial: number): IssuedCertificate | undefined {
  const row = database.prepare("SELECT * FROM certificates WHERE kind = ? AND serial = ?").get(kind, serial);
  if (row) return certificateOf(row as Row);
  const certificate = findTown(database)?.findCertificate(kind, serial);
  return certificate && certificateOfTown(certificate);
}

/** What an OCSP answer needs of a certificate; undefined for one that was never issued. */
export function findRevocation(
  database: Database,
  kind: Kind,
  serial: number,
): Pick<IssuedCertificate, "generation" | "revocation"> | undefined {
  const sql = "SELECT generation, revoked_at, reason FROM certificates WHERE kind = ? AND serial = ?";
  const row = prepareOnce(database, sql).get(kind, serial) as
    | Pick<Row, "generation" | "revoked_at" | "reason">
    | undefined;
  if (row) return { generation: row.generation, revocation: revocationOf(row) };
  return findTown(database)?.findCertificate(kind, serial);
}

/** All that a person ever had, in the order of issue. */
export function certificatesOfPerson(database: Database, personId: string): IssuedCertificate[] {
  const rows = database
    .prepare("SELECT * FROM certificates WHERE person_id = ? ORDER BY not_before, serial")
    .all(personId);
  if (rows.length > 0) return (rows as Row[]).map(certificateOf);
  const town = findTown(database);
  const resident = town && townResidentNumber(town, personId);
  return resident === undefined ? [] : town!.certificatesOf(resident).map(certificateOfTown);
}

export function certificateOnCard(certificates: IssuedCertificate[], kind: Kind): IssuedCertificate | undefined {
  return certificates.find(
    (certificate) => certificate.kind === kind && certificate.held && certificate.medium === "card",
  );
}

export function certificateOnPhone(certificates: IssuedCertificate[], kind: Kind): IssuedCertificate | undefined {
  return certificates.find(
    (certificate) => certificate.kind === kind && certificate.held && certificate.medium === "phone",
  );
}

/**
 * Of one generation as they are now, in the order of their serial numbers; with a municipality those that its own list
 * names. Expired ones stay: nothing of the JPKI says that they leave. Can be gone through more than once.
 */
export function revokedCertificates(
  database: Database,
  kind: Kind,
  generation: number,
  municipality?: string,
): Iterable<RevokedEntry> {
  const rows = database
    .prepare(
      `SELECT serial, revoked_at, reason FROM certificates
       WHERE kind = ? AND generation = ? AND revoked_at IS NOT NULL AND (? IS NULL OR municipality = ?) ORDER BY serial`,
    )
    .all(kind, generation, municipality ?? null, municipality ?? null) as Pick<
    Row,
    "serial" | "revoked_at" | "reason"
  >[];
  const entries = rows.map(({ serial, revoked_at: at, reason }) => ({ serial, at: at!, reason: reason! }));
  const town = findTown(database);
  if (!town) return entries;
  const settled = new Set(settledSerials(database, kind, generation));
  return { [Symbol.iterator]: () => merge(town.revoked(kind, generation, municipality), entries, settled) };
}

/**
 * How many of a generation were revoked by what happened in the simulation, the past of the town's residents being counted
 * only for those whom somebody has met.
 */
export function countRevoked(database: Database, kind: Kind, generation: number): number {
  const { count } = database
    .prepare("SELECT count(*) AS count FROM certificates WHERE kind = ? AND generation = ? AND revoked_at IS NOT NULL")
    .get(kind, generation) as { count: number };
  return count;
}

/** The same by the code of the municipality whose list names them; those without any are left out. */
export function countRevokedByMunicipality(database: Database, kind: Kind, generation: number): Map<string, number> {
  const rows = database
    .prepare(
      `SELECT municipality, count(*) AS count FROM certificates
       WHERE kind = ? AND generation = ? AND revoked_at IS NOT NULL AND municipality IS NOT NULL GROUP BY municipality`,
    )
    .all(kind, generation) as { municipality: string; count: number }[];
  return new Map(rows.map(({ municipality, count }) => [municipality, count]));
}

/** Serial numbers of the town that are certificates like all others by now. */
function settledSerials(database: Database, kind: Kind, generation: number): number[] {
  const { plan, serials } = findTown(database)!;
  const rows = database
    .prepare("SELECT serial FROM certificates WHERE kind = ? AND generation = ? AND serial >= ? AND serial < ?")
    .all(kind, generation, plan.firstSerial, plan.firstSerial + serials) as { serial: number }[];
  return rows.map(({ serial }) => serial);
}

/** The town's entries but for those that are `settled`, and the others, in the order of serial numbers. */
function* merge(
  ofTown: Generator<RevokedEntry>,
  others: RevokedEntry[],
  settled: Set<number>,
): Generator<RevokedEntry> {
  let next = 0;
  for (const entry of ofTown) {
    while (next < others.length && others[next]!.serial <= entry.serial) yield others[next++]!;
    if (!settled.has(entry.serial)) yield entry;
  }
  while (next < others.length) yield others[next++]!;
}

/** Numbers of an authority's lists only grow, whatever their scope. */
export function nextCrlNumber(database: Database, kind: Kind, generation: number): number {
  const { number } = database
    .prepare(
      `UPDATE authorities SET crl_number = crl_number + 1 WHERE kind = ? AND generation = ?
       RETURNING crl_number AS number`,
    )
    .get(kind, generation) as { number: number };
  return number;
}

type Row = {
  kind: Kind;
  serial: number;
  generation: number;
  person_id: string | null;
  medium: Medium | null;
  municipality: string | null;
  der: Uint8Array;
  not_before: number;
  not_after: number;
  revoked_at: number | null;
  reason: Reason | null;
  held: number;
};

function certificateOfTown({ resident, attributes, ...certificate }: TownCertificate): IssuedCertificate {
  return { ...certificate, personId: townResidentId(resident), medium: "card", der: undefined };
}

function certificateOf(row: Row): IssuedCertificate {
  return {
    kind: row.kind,
    serial: row.serial,
    generation: row.generation,
    personId: row.person_id,
    medium: row.medium,
    municipality: row.municipality,
    der: row.der,
    notBefore: new Date(row.not_before),
    notAfter: new Date(row.not_after),
    revocation: revocationOf(row),
    held: row.held === 1,
  };
}

function revocationOf({ revoked_at: at, reason }: Pick<Row, "revoked_at" | "reason">): Revocation | undefined {
  return at === null || reason === null ? undefined : { at: new Date(at), reason };
}
