import { CardError } from "@xid/card";
import type { CardSession } from "./ports.ts";

/** What a session needs of the phone's NFC: one card that is connected by ISO-DEP. */
export type IsoDepCard = {
  transceive(command: number[]): Promise<number[]>;
  /** Text in the system's sheet. */
  say(text: string): Promise<unknown>;
  /** Closes the system's sheet, as done or as failed. */
  end(outcome: { text: string; success: boolean }): Promise<unknown>;
  /** What a rejection of `transceive` means. */
  toError(cause: unknown): Error;
};

/** One card on the phone's NFC, as `CardTransport` promises. `ended` is called once. */
export function createNfcSession(card: IsoDepCard, ended: () => void): CardSession {
  let open = true;
  return {
    async transmit(command) {
      if (!open) throw new CardError("CARD_LOST", "the connection was closed");
      const bytes = Array.from(command);
      try {
        return Uint8Array.from(await card.transceive(bytes));
      } catch (cause) {
        throw card.toError(cause);
      } finally {
        bytes.fill(0);
      }
    },
    async say(text) {
      await card.say(text).catch(() => undefined);
    },
    async close(outcome) {
      if (!open) return;
      open = false;
      ended();
      await card.end(outcome).catch(() => undefined);
    },
  };
}
