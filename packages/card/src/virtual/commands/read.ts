import type { CommandApdu } from "../../apdu.ts";
import { StatusWord } from "../../status-word.ts";
import type { Answer, CardSession } from "../card-session.ts";
import { structureOf } from "../card-state.ts";

/** READ BINARY (ISO/IEC 7816-4 §7.2.3), with a 15-bit offset or with an SFI and an 8-bit one. Gives what there is, up to Le. */
export function readBinary(card: CardSession, { p1, p2, data, le }: CommandApdu): Answer {
  const bySfi = (p1 & 0x80) !== 0;
  if (bySfi && (p1 & 0x60) !== 0) return StatusWord.wrongParameters;
  const opened = card.open(bySfi ? p1 & 0x1f : 0);
  if (typeof opened === "number") return opened;
  if (!("openedBy" in opened.file) || structureOf(opened.file) !== "transparent") return StatusWord.wrongFileStructure;
  if (!card.isOpen(opened.file.openedBy)) return StatusWord.securityStatusNotSatisfied;
  if (data || le === undefined) return StatusWord.wrongLength;
  const file = card.use(opened);
  if (file.kind !== "transparent") return StatusWord.wrongFileStructure;
  const content = Buffer.from(file.content, "base64");
  const offset = bySfi ? p2 : p1 * 0x100 + p2;
  return offset < content.length ? { data: content.subarray(offset, offset + le) } : StatusWord.offsetPastEnd;
}

/** READ RECORD (§7.3.3), one record by number. To read several at once is in JICSAP, and is not provided. */
export function readRecord(card: CardSession, { p1, p2, data, le }: CommandApdu): Answer {
  if ((p2 & 0x07) === 0x05) return StatusWord.featureNotProvided;
  if ((p2 & 0x07) !== 0x04) return StatusWord.wrongParameters;
  const opened = card.open(p2 >> 3);
  if (typeof opened === "number") return opened;
  if (opened.file.kind !== "records") return StatusWord.wrongFileStructure;
  if (data || le === undefined) return StatusWord.wrongLength;
  const record = opened.file.records[p1 - 1];
  return record === undefined ? StatusWord.recordNotFound : { data: Buffer.from(record, "base64").subarray(0, le) };
}
