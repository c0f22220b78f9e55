import type { CommandApdu } from "../../apdu.ts";
import { toHex } from "../../hex.ts";
import { StatusWord } from "../../status-word.ts";
import type { Answer, CardSession } from "../card-session.ts";

/** The shortest beginning of a DF name that selects: a registered provider's. */
const shortestIdentifier = 5;

/** ISO/IEC 7816-4 §7.1.1. No file control information is given, whether asked for (P2 00) or not (0C). */
export function select(card: CardSession, { p1, p2, data }: CommandApdu): Answer {
  if (p2 !== 0x00 && p2 !== 0x0c) return StatusWord.wrongParameters;
  if (p1 === 0x04) return data ? selectApplication(card, data) : StatusWord.wrongLength;
  if (p1 === 0x02) return data?.length === 2 ? card.selectFile(toHex(data)) : StatusWord.wrongLength;
  if (p1 !== 0x00) return StatusWord.wrongParameters;
  // There is no MF. The card denies it after reset, and claims to have selected it inside an application.
  if (data) return StatusWord.fileNotFound;
  return card.atMasterFile ? StatusWord.wrongParameters : StatusWord.ok;
}

function selectApplication(card: CardSession, identifier: Uint8Array): Answer {
  if (identifier.length < shortestIdentifier) return StatusWord.fileNotFound;
  const name = toHex(identifier);
  const found = card.state.applications.findIndex((application) => application.identifier.startsWith(name));
  if (found < 0) return StatusWord.fileNotFound;
  card.select(found);
  return StatusWord.ok;
}
