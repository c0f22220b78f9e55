import { overviewText } from "../card/overview-text.ts";
import { readOverview } from "../card/read-overview.ts";
import { cardOptions, withCard } from "../card/with-card.ts";
import { defineCommand } from "../command.ts";

export const cardInfo = defineCommand({
  positionals: [],
  options: cardOptions,
  notes: ["Asks for no PIN and costs no try.", "xid card info · xid card info --person hanako"],
  run: (call) =>
    withCard(call, async (card, place) => {
      const overview = await readOverview(card);
      return { json: { ...place, ...overview }, text: overviewText(overview, place, call.language) };
    }),
});
