/**
 * Writes vectors/card/*.json: what the software card answers, command by command, from the cards in vectors/card/cards.
 * The same cards give the same files.
 *
 *   node tools/make-card-vectors.ts               write them
 *   node tools/make-card-vectors.ts --check       end with 1 when they are not as they would be written
 *   node tools/make-card-vectors.ts --card FILE   first make new cards of a card's state, as the sandbox keeps it
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CardModel, type CardState, parseCardState } from "@xid/card/virtual";
import { type Dialogue, record } from "./card-vectors/dialogue.ts";
import { cardDialogues, draftDialogues, known, phoneDialogues } from "./card-vectors/dialogues.ts";
import { writeCards } from "./card-vectors/new-cards.ts";

const folder = join(import.meta.dirname, "..", "vectors", "card");
const cards = join(folder, "cards");

/** Each file's text by its name. */
async function vectorFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const write = (name: string, model: CardModel, state: CardState, dialogues: Dialogue[]) => {
    const content = { card: `cards/${model}.json`, dialogues: record(state, dialogues) };
    files.set(`${name}.json`, `${JSON.stringify(content, null, 2)}\n`);
  };
  const card = readCard("card");
  const facts = known(card);
  for (const [name, dialogues] of Object.entries(cardDialogues)) {
    write(name, "card", card, await dialogues(facts, card));
  }
  for (const model of ["android", "iphone"] as const) {
    write(model, model, readCard(model), phoneDialogues(facts.authentication, model));
  }
  write("next-draft", "next-draft", readCard("next-draft"), draftDialogues(facts));
  return files;
}

function readCard(model: CardModel): CardState {
  return parseCardState(JSON.parse(readFileSync(join(cards, `${model}.json`), "utf8")));
}

const [option, file] = process.argv.slice(2);
if (option === "--card" && file) {
  mkdirSync(cards, { recursive: true });
  writeCards(cards, parseCardState(JSON.parse(readFileSync(file, "utf8"))));
} else if (option !== undefined && option !== "--check") {
  console.error("usage: node tools/make-card-vectors.ts [--check | --card FILE]");
  process.exit(2);
}
for (const [name, text] of await vectorFiles()) {
  const path = join(folder, name);
  if (option !== "--check") {
    writeFileSync(path, text);
  } else if (readFileSync(path, "utf8") !== text) {
    console.error(`${path} is not what tools/make-card-vectors.ts writes`);
    process.exitCode = 1;
  }
}
