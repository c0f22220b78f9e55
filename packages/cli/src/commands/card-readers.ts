import { PcscReader } from "@xid/card/pcsc";
import { defineCommand } from "../command.ts";

export const cardReaders = defineCommand({
  positionals: [],
  options: {},
  notes: ["The number, or part of the name, is what --reader takes."],
  async run({ language }) {
    const readers = (await PcscReader.list()).map(({ name, cardPresent }, number) => ({ number, name, cardPresent }));
    const words = {
      ja: { card: "カードあり", empty: "カードなし", none: "カードリーダーが接続されていません" },
      en: { card: "a card", empty: "empty", none: "no card reader is connected" },
    }[language];
    const lines = readers.map(
      ({ number, name, cardPresent }) => `${number}  ${name}  (${cardPresent ? words.card : words.empty})`,
    );
    return { json: readers, text: lines.join("\n") || words.none };
  },
});
