import type { CommandApdu } from "../../apdu.ts";
import { StatusWord } from "../../status-word.ts";
import type { Answer, CardSession } from "../card-session.ts";

/** 80 FC 00 00, with which an iPhone is told that nothing more comes. A card does not know it, and says so with 6700. */
export function lastCommand(card: CardSession, { p1, p2, data, le }: CommandApdu): Answer {
  if (card.state.model !== "iphone" || data || le !== undefined) return StatusWord.wrongLength;
  return p1 === 0x00 && p2 === 0x00 ? StatusWord.ok : StatusWord.wrongParameters;
}
