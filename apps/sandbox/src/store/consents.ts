import type { AttributeItem } from "../jlis/consent-documents.ts";
import type { Database } from "./database.ts";

type Evidence = { document: Uint8Array; signature: Uint8Array; certificate: Uint8Array };

/** A consent as J-LIS keeps it. */
export type Consent = {
  id: string;
  verifierId: string;
  personId: string;
  provider: string;
  service: string;
  items: AttributeItem[];
  /** By the signer's clock, which is nobody's but theirs: to be compared with its like only. */
  signedAt: Date;
  registeredAt: Date;
  validUntil: Date;
  end: ConsentEnd | undefined;
};
/** `signedAt`: of what ended it, the withdrawal or the newer consent. */
export type ConsentEnd = { because: "withdrawn" | "replaced"; at: Date; signedAt: Date };

export function recordConsent(database: Database, consent: Omit<Consent, "end">, evidence: Evidence): void {
  const { id, verifierId, personId, provider, service, items, signedAt, registeredAt, validUntil } = consent;
  database
    .prepare("INSERT INTO consents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    .run(
      ...[id, verifierId, personId, provider, service, JSON.stringify(items)],
      ...[signedAt.getTime(), registeredAt.getTime(), validUntil.getTime()],
      ...[evidence.document, evidence.signature, evidence.certificate],
    );
}

/** Once; a replaced consent has no document of its own. */
export function recordConsentEnd(database: Database, consent: Consent, end: ConsentEnd, evidence?: Evidence): void {
  database
    .prepare(
      `INSERT INTO ended_consents (consent_id, verifier_id, because, at, signed_at, document, signature, certificate)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      ...[consent.id, consent.verifierId, end.because, end.at.getTime(), end.signedAt.getTime()],
      ...[evidence?.document ?? null, evidence?.signature ?? null, evidence?.certificate ?? null],
    );
}

export function findConsent(database: Database, id: string): Consent | undefined {
  const row = database.prepare(`${selection} WHERE consents.id = ?`).get(id);
  return row && consentOf(row as Row);
}

/** The latest one of a person for one service at one verifier. */
export function latestConsent(
  database: Database,
  { personId, verifierId, provider, service }: Pick<Consent, "personId" | "verifierId" | "provider" | "service">,
): Consent | undefined {
  const row = database
    .prepare(
      `${selection} WHERE person_id = ? AND consents.verifier_id = ? AND provider = ? AND service = ?
       ORDER BY consents.rowid DESC LIMIT 1`,
    )
    .get(personId, verifierId, provider, service);
  return row && consentOf(row as Row);
}

/** The latest thousand, newest first. */
export function consentsOfPerson(database: Database, personId: string): Consent[] {
  const rows = database
    .prepare(`${selection} WHERE person_id = ? ORDER BY consents.rowid DESC LIMIT 1000`)
    .all(personId);
  return (rows as Row[]).map(consentOf);
}

export type EndedConsent = Omit<ConsentEnd, "signedAt"> & { sequence: number; consentId: string };

/** Those of a verifier that ended after a sequence number, in the order in which they did. */
export function endedConsents(database: Database, verifierId: string, after: number, limit: number): EndedConsent[] {
  const rows = database
    .prepare(
      `SELECT sequence, consent_id, because, at FROM ended_consents
       WHERE verifier_id = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
    )
    .all(verifierId, after, limit) as {
    sequence: number;
    consent_id: string;
    because: ConsentEnd["because"];
    at: number;
  }[];
  return rows.map((row) => ({
    sequence: row.sequence,
    consentId: row.consent_id,
    because: row.because,
    at: new Date(row.at),
  }));
}

const selection = `SELECT consents.id, consents.verifier_id, person_id, provider, service, items, consents.signed_at, registered_at,
  valid_until, because, at, ended_consents.signed_at AS end_signed_at FROM consents LEFT JOIN ended_consents ON consent_id = consents.id`;

type Row = {
  id: string;
  verifier_id: string;
  person_id: string;
  provider: string;
  service: string;
  items: string;
  signed_at: number;
  registered_at: number;
  valid_until: number;
  because: ConsentEnd["because"] | null;
  at: number | null;
  end_signed_at: number | null;
};

function consentOf(row: Row): Consent {
  const { because, at, end_signed_at: endSignedAt } = row;
  return {
    id: row.id,
    verifierId: row.verifier_id,
    personId: row.person_id,
    provider: row.provider,
    service: row.service,
    items: JSON.parse(row.items) as AttributeItem[],
    signedAt: new Date(row.signed_at),
    registeredAt: new Date(row.registered_at),
    validUntil: new Date(row.valid_until),
    end:
      because === null || at === null || endSignedAt === null
        ? undefined
        : { because, at: new Date(at), signedAt: new Date(endSignedAt) },
  };
}
