import { createHmac, type KeyObject } from "node:crypto";
import { sql } from "kysely";
import type { Client } from "oidc-provider";
import type { Platform } from "../platform.ts";

type Parts = Pick<Platform, "database" | "unsynced" | "clock">;

/**
 * The ids of accounts towards relying parties (OpenID Connect Core 8.1): equal for clients of the same sector only. They
 * lead back for the sector that knows them, and only where its client is linked with the person.
 */
export class Subjects {
  readonly #parts: Parts;
  readonly #key: KeyObject;

  constructor(parts: Parts, key: KeyObject) {
    this.#parts = parts;
    this.#key = key;
  }

  of(client: Client, accountId: string): string {
    return pairwiseSubject(this.#key, sectorOf(client), accountId);
  }

  /** For `findLinked`. What comes after a sign-in is synced to disk after this. */
  async remember(client: Client, accountId: string): Promise<void> {
    await this.#parts.unsynced
      .insertInto("subjects")
      .values({
        subject: this.of(client, accountId),
        sector: sectorOf(client),
        account_id: accountId,
        created_at: new Date(this.#parts.clock()),
      })
      .onConflict((conflict) => conflict.columns(["subject", "sector"]).doNothing())
      .execute();
  }

  /** The account behind a subject of this client's sector. */
  async find(client: Client, subject: string): Promise<string | undefined> {
    const row = await this.#parts.database
      .selectFrom("subjects")
      .select("account_id")
      .where("subject", "=", subject)
      .where("sector", "=", sectorOf(client))
      .executeTakeFirst();
    return row?.account_id;
  }

  /** The account behind a subject of this client's sector, if its person is linked with this very client now. */
  async findLinked(client: Client, subject: string): Promise<string | undefined> {
    return (await this.findAllLinked(client, [subject])).get(subject);
  }

  /** Of these subjects those whose people were linked with this client once, whether they are now or not. */
  async findAllKnown(client: Client, subjects: readonly string[]): Promise<Map<string, string>> {
    const { rows } = await sql<{ subject: string; account_id: string }>`
      SELECT s.subject, s.account_id FROM subjects s
      JOIN consents c ON c.account_id = s.account_id AND c.client_id = ${client.clientId}
      WHERE s.subject = ANY(${subjects}::text[]) AND s.sector = ${sectorOf(client)}`.execute(this.#parts.database);
    return new Map(rows.map(({ subject, account_id }) => [subject, account_id]));
  }

  /** The same for many, by subject. */
  async findAllLinked(client: Client, subjects: readonly string[]): Promise<Map<string, string>> {
    const { rows } = await sql<{ subject: string; account_id: string }>`
      SELECT s.subject, s.account_id FROM subjects s
      JOIN consents c ON c.account_id = s.account_id AND c.client_id = ${client.clientId} AND c.revoked_at IS NULL
      WHERE s.subject = ANY(${subjects}::text[]) AND s.sector = ${sectorOf(client)}`.execute(this.#parts.database);
    return new Map(rows.map(({ subject, account_id }) => [subject, account_id]));
  }
}

export function pairwiseSubject(key: KeyObject, sector: string, accountId: string): string {
  return createHmac("sha256", key).update(`${sector}\0${accountId}`).digest("base64url");
}

/** The library makes sure that clients with several hosts have a sector URI. */
function sectorOf(client: Client): string {
  const uri = client.sectorIdentifierUri ?? client.redirectUris?.[0];
  if (!uri) throw new TypeError(`client ${client.clientId} has no sector`);
  return new URL(uri).host;
}
