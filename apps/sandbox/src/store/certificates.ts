import type { Kind, Reason } from "../ca/kind.ts";
import type { Database } from "./database.ts";

export type Revocation = { at: Date; reason: Reason };

/** A certificate as the authority's register has it. */
export type IssuedCertificate = {
  kind: Kind;
  serial: number;
  /** Null for the authority's own certificates. */
  personId: string | null;
  der: Uint8Array;
  notBefore: Date;
  notAfter: Date;
  revocation: Revocation | undefined;
  onCard: boolean;
};

/** The next serial number of an authority. Serial numbers only grow; one that is taken is never given again. */
export function takeSerial(database: Database, kind: Kind): number {
  const row = database
    .prepare("UPDATE authorities SET next_serial = next_serial + 1 WHERE kind = ? RETURNING next_serial - 1 AS serial")
    .get(kind) as { serial: number };
  return row.serial;
}

/** A certificate of a person is on their card from then on, in place of the one before. */
export function recordCertificate(
  database: Database,
  certificate: Pick<IssuedCertificate, "kind" | "serial" | "personId" | "der" | "notBefore" | "notAfter">,
): void {
  const { kind, serial, personId, der, notBefore, notAfter } = certificate;
  database.prepare("UPDATE certificates SET on_card = 0 WHERE person_id = ? AND kind = ?").run(personId, kind);
  database
    .prepare("INSERT INTO certificates VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, ?)")
    .run(kind, serial, personId, der, notBefore.getTime(), notAfter.getTime(), personId === null ? 0 : 1);
}

/** A revoked certificate stays as it was revoked: neither the time nor the reason changes later. */
export function recordRevocation(database: Database, kind: Kind, serial: number, { at, reason }: Revocation): void {
  database
    .prepare("UPDATE certificates SET revoked_at = ?, reason = ? WHERE kind = ? AND serial = ? AND revoked_at IS NULL")
    .run(Math.floor(at.getTime() / 1000) * 1000, reason, kind, serial);
}

export function findCertificate(database: Database, kind: Kind, serial: number): IssuedCertificate | undefined {
  const row = database.prepare("SELECT * FROM certificates WHERE kind = ? AND serial = ?").get(kind, serial);
  return row && certificateOf(row as Row);
}

/** All that a person ever had, in the order of issue. */
export function certificatesOfPerson(database: Database, personId: string): IssuedCertificate[] {
  const rows = database
    .prepare("SELECT * FROM certificates WHERE person_id = ? ORDER BY not_before, serial")
    .all(personId);
  return (rows as Row[]).map(certificateOf);
}

export function certificateOnCard(certificates: IssuedCertificate[], kind: Kind): IssuedCertificate | undefined {
  return certificates.find((certificate) => certificate.kind === kind && certificate.onCard);
}

/** In the order of their serial numbers. Expired ones stay: nothing of the JPKI says that they leave. */
export function revokedCertificates(database: Database, kind: Kind): { serial: number; revocation: Revocation }[] {
  const rows = database
    .prepare("SELECT * FROM certificates WHERE kind = ? AND revoked_at IS NOT NULL ORDER BY serial")
    .all(kind) as Row[];
  return rows.map((row) => ({
    serial: row.serial,
    revocation: { at: new Date(row.revoked_at!), reason: row.reason! },
  }));
}

type Row = {
  kind: Kind;
  serial: number;
  person_id: string | null;
  der: Uint8Array;
  not_before: number;
  not_after: number;
  revoked_at: number | null;
  reason: Reason | null;
  on_card: number;
};

function certificateOf(row: Row): IssuedCertificate {
  const { revoked_at: at, reason } = row;
  return {
    kind: row.kind,
    serial: row.serial,
    personId: row.person_id,
    der: row.der,
    notBefore: new Date(row.not_before),
    notAfter: new Date(row.not_after),
    revocation: at === null || reason === null ? undefined : { at: new Date(at), reason },
    onCard: row.on_card === 1,
  };
}
