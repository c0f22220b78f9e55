import type { CardOfPerson } from "@xid/sdk/testing";
import { PinEntry, pinOptions } from "../card/pin-entry.ts";
import type { Call } from "../command.ts";

export const cardOptions = pinOptions;

/** The card of the person who approves: its password is asked for only where the card is needed. */
export function cardOfPerson(call: Call<typeof cardOptions>): CardOfPerson {
  return {
    sandbox: call.places.sandbox,
    pin: (kind) => new PinEntry(call).current(kind),
    lastTryAllowed: call.values["last-try"] ?? false,
  };
}
