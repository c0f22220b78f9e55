import type { CommandApdu } from "../../apdu.ts";
import { StatusWord } from "../../status-word.ts";
import type { Answer, CardSession } from "../card-session.ts";

const reference = "0016";
const certificateSize = 307;

/**
 * 80 A2: a terminal hands over its certificate, which the card checks against the reference in EF 0016 of 公的個人認証AP. What
 * P1 and P2 mean is not publicly known, nor the 307 bytes; 06 C1 is one pair that is talked of. No terminal is certified in
 * this simulation, so that every certificate fails.
 */
export function terminalCertificate(card: CardSession, { p1, p2, data }: CommandApdu): Answer {
  if (p1 !== 0x06 || p2 !== 0xc1) return StatusWord.wrongParameters;
  if (!card.has(reference)) return StatusWord.referenceNotFound;
  if (data?.length !== certificateSize) return StatusWord.wrongLength;
  return StatusWord.verificationFailed;
}
