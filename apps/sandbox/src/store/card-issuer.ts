import { CardIssuer, type CardIssuerKeys } from "@xid/card/virtual";
import type { Database } from "./database.ts";

/** The world's issuer of cards: its keys are made when a card first needs them, and kept. */
export function openCardIssuer(database: Database): () => CardIssuer {
  let issuer: CardIssuer | undefined;
  return () => {
    issuer ??= new CardIssuer(readKeys(database), (keys) => recordKeys(database, keys));
    return issuer;
  };
}

function readKeys(database: Database): CardIssuerKeys {
  const row = database.prepare("SELECT keys FROM card_issuer").get() as { keys: string } | undefined;
  return row ? (JSON.parse(row.keys) as CardIssuerKeys) : {};
}

function recordKeys(database: Database, keys: CardIssuerKeys): void {
  database
    .prepare("INSERT INTO card_issuer VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET keys = excluded.keys")
    .run(JSON.stringify(keys));
}
