import type { CommandApdu } from "../../apdu.ts";
import { StatusWord } from "../../status-word.ts";
import type { Answer, CardSession } from "../card-session.ts";

/** ISO/IEC 7816-4 §7.5.3. Up to 256 random bytes; not more, though extended lengths are known elsewhere. */
export function getChallenge(card: CardSession, { p1, p2, data, le }: CommandApdu): Answer {
  if (p1 !== 0x00 || p2 !== 0x00) return StatusWord.wrongParameters;
  if (data || le === undefined) return StatusWord.wrongLength;
  return le > 256 ? StatusWord.conditionsNotSatisfied : { data: card.randomBytes(le) };
}
