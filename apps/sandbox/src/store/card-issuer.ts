import { CardIssuer, type CardIssuerKeys } from "@xid/card/virtual";
import type { Database } from "./database.ts";

/** The world's issuer of cards: its keys are made when the first card needs them, and kept. */
export function openCardIssuer(database: Database): () => CardIssuer {
  let issuer: CardIssuer | undefined;
  return () => {
    issuer ??= readCardIssuer(database) ?? makeCardIssuer(database);
    return issuer;
  };
}

function readCardIssuer(database: Database): CardIssuer | undefined {
  const row = database.prepare("SELECT keys FROM card_issuer").get() as { keys: string } | undefined;
  return row && new CardIssuer(JSON.parse(row.keys) as CardIssuerKeys);
}

function makeCardIssuer(database: Database): CardIssuer {
  const issuer = CardIssuer.make();
  database.prepare("INSERT INTO card_issuer VALUES (?)").run(JSON.stringify(issuer.keys));
  return issuer;
}
