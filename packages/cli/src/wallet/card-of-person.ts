import { PinEntry, pinOptions } from "../card/pin-entry.ts";
import type { Call } from "../command.ts";
import type { CardOfPerson } from "./headless-wallet.ts";

export const cardOptions = pinOptions;

/** The card of the person who approves: its signature password is asked for only where it has to sign. */
export function cardOfPerson(call: Call<typeof cardOptions>): CardOfPerson {
  return {
    sandbox: call.places.sandbox,
    pin: () => new PinEntry(call).current("signature"),
    lastTryAllowed: call.values["last-try"] ?? false,
  };
}
