import type { PoweredCard } from "../transport.ts";

/** Stays in the reader while the card that it stands for is exchanged: pcscd takes a third of a second to see a real exchange. */
export function replaceableCard(current: () => PoweredCard): PoweredCard {
  return {
    get atr() {
      return current().atr;
    },
    powerOn: () => current().powerOn(),
    powerOff: () => current().powerOff(),
    reset: () => current().reset(),
    transmit: (command) => current().transmit(command),
  };
}
