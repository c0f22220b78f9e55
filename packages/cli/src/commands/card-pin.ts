import { JpkiApplication, TextApplication } from "@xid/card";
import { defineCommand } from "../command.ts";
import { withCard } from "../with-card.ts";

export const cardPin = defineCommand({
  positionals: ["ID"],
  options: {},
  notes: ["Costs no try. 0 is blocked: xid person event ID reset-pins"],
  run: ({ positionals: [id], places }) =>
    withCard(places.sandbox, id as string, async (card) => {
      const jpki = await JpkiApplication.select(card);
      const signature = await jpki.triesLeft("signature");
      const authentication = await jpki.triesLeft("authentication");
      const text = await (await TextApplication.select(card)).triesLeft();
      return {
        json: { person: id, triesLeft: { signature, authentication, text } },
        text: `署名用 signature ${signature} · 利用者証明用 authentication ${authentication} · 券面 text ${text}`,
      };
    }),
});
