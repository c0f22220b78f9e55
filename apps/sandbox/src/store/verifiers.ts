import type { Database } from "./database.ts";

/** A public P-256 key as RFC 7518 §6.2.1 has it. */
export type VerifierKey = { kty: "EC"; crv: "P-256"; x: string; y: string };

/** 署名検証者・利用者証明検証者: one who may ask. */
export type Verifier = { id: string; name: string; jwk: VerifierKey };

/** A verifier who is there already keeps its first name: its id is its key. */
export function recordVerifier(database: Database, { id, name, jwk }: Verifier, at: Date): void {
  database
    .prepare("INSERT INTO verifiers VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
    .run(id, name, JSON.stringify(jwk), at.getTime());
}

export function findVerifier(database: Database, id: string): Verifier | undefined {
  const row = database.prepare("SELECT id, name, jwk FROM verifiers WHERE id = ?").get(id) as
    | { id: string; name: string; jwk: string }
    | undefined;
  return row && { ...row, jwk: JSON.parse(row.jwk) as VerifierKey };
}

/** In the order in which they came. */
export function listVerifiers(database: Database): Pick<Verifier, "id" | "name">[] {
  const rows = database.prepare("SELECT id, name FROM verifiers ORDER BY rowid").all();
  return (rows as { id: string; name: string }[]).map(({ id, name }) => ({ id, name }));
}

export function countVerifiers(database: Database): number {
  return (database.prepare("SELECT count(*) AS count FROM verifiers").get() as { count: number }).count;
}

/** Whether this is the first use of a token; it is remembered until it has expired. */
export function useToken(database: Database, verifierId: string, tokenId: string, expiresAt: Date, now: Date): boolean {
  database.prepare("DELETE FROM used_tokens WHERE expires_at < ?").run(now.getTime());
  const { changes } = database
    .prepare("INSERT INTO used_tokens VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
    .run(verifierId, tokenId, expiresAt.getTime());
  return changes === 1;
}
