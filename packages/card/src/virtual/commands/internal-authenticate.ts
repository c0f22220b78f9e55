import { sign } from "node:crypto";
import type { CommandApdu } from "../../apdu.ts";
import { StatusWord } from "../../status-word.ts";
import type { Answer, CardSession } from "../card-session.ts";
import { structureOf } from "../card-state.ts";

/**
 * ISO/IEC 7816-4 §7.5.2, RSASSA-PKCS1-v1_5 with SHA-256 over a challenge of up to 255 bytes. Only one key answers it, in
 * 共通カードAP and without a PIN; the others say 6982 or 6985.
 */
export function internalAuthenticate(card: CardSession, { p1, p2, data, le }: CommandApdu): Answer {
  if (p1 !== 0x00) return StatusWord.wrongParameters;
  const opened = card.openReference(p2);
  if (typeof opened === "number") return opened;
  if (!("openedBy" in opened.file) || structureOf(opened.file) !== "key") return StatusWord.wrongFileStructure;
  if (!card.isOpen(opened.file.openedBy)) return StatusWord.securityStatusNotSatisfied;
  if (!data || data.length > 255 || le === undefined || le < 256) return StatusWord.wrongLength;
  const key = card.privateKey(opened, "authentication");
  return key ? { data: sign("sha256", data, key) } : StatusWord.conditionsNotSatisfied;
}
