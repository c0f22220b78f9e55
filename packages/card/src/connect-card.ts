import { CardError } from "./card-error.ts";
import type { CardConnection, PoweredCard } from "./transport.ts";

/** A reader for a card in this process: gives it power, and takes it away with `close`. */
export async function connectCard(card: PoweredCard): Promise<CardConnection> {
  await card.powerOn();
  let open = true;
  return {
    atr: card.atr,
    async transmit(command) {
      if (!open) throw new CardError("CARD_LOST", "the connection was closed");
      return card.transmit(command);
    },
    async close() {
      if (!open) return;
      open = false;
      await card.powerOff();
    },
  };
}
