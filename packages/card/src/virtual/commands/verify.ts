import { timingSafeEqual } from "node:crypto";
import type { CommandApdu } from "../../apdu.ts";
import { StatusWord } from "../../status-word.ts";
import type { Answer, CardSession } from "../card-session.ts";

/** ISO/IEC 7816-4 §7.5.6. Without data it tells the tries left, also of a blocked or an already verified PIN. */
export function verify(card: CardSession, { p1, p2, data, le }: CommandApdu): Answer {
  if (p1 !== 0x00) return StatusWord.wrongParameters;
  const opened = card.openPin(p2);
  if (typeof opened === "number") return opened;
  if (le !== undefined) return StatusWord.wrongLength;
  const { name, file: pin } = opened;
  if (!data) return StatusWord.triesLeft | pin.tries;
  if (pin.tries === 0 || pin.value === null) return StatusWord.referenceLocked;
  // The try is used up before the comparison, so that a card torn away has not given one for nothing.
  card.storePin(name, { ...pin, tries: pin.tries - 1 });
  card.setVerified(name, false);
  if (!equalInConstantTime(data, Buffer.from(pin.value, "latin1"))) return StatusWord.triesLeft | (pin.tries - 1);
  card.storePin(name, { ...pin, tries: pin.maximumTries });
  card.setVerified(name, true);
  return StatusWord.ok;
}

function equalInConstantTime(first: Uint8Array, second: Uint8Array): boolean {
  return first.length === second.length && timingSafeEqual(first, second);
}
