import type { CommandApdu } from "../../apdu.ts";
import { StatusWord } from "../../status-word.ts";
import type { Answer, CardSession } from "../card-session.ts";

/** CHANGE REFERENCE DATA, P1 01: the new value only, of a PIN that is verified. In 公的個人認証AP and 券面事項入力補助AP. */
export function changeReferenceData(card: CardSession, command: CommandApdu): Answer {
  if (card.application.pinChange !== "reference-data") return StatusWord.instructionNotSupported;
  return command.p1 === 0x01 ? changePin(card, command) : StatusWord.wrongParameters;
}

/** JICSAP's CHANGE KEY, P1 00, to the same effect. In 共通カードAP and 住基AP. */
export function changeKey(card: CardSession, command: CommandApdu): Answer {
  if (card.application.pinChange !== "key") return StatusWord.instructionNotSupported;
  return command.p1 === 0x00 ? changePin(card, command) : StatusWord.wrongParameters;
}

/** Lengths are checked, letters are not: a client has to know better than to set a PIN that nobody can type. */
function changePin(card: CardSession, { p2, data, le }: CommandApdu): Answer {
  const opened = card.openPin(p2);
  if (typeof opened === "number") return opened;
  const { name, file: pin } = opened;
  if (!card.isVerified(name)) return StatusWord.securityStatusNotSatisfied;
  if (!data || le !== undefined || data.length < pin.shortest || data.length > pin.longest) {
    return StatusWord.wrongLength;
  }
  card.storePin(name, { ...pin, value: Buffer.from(data).toString("latin1") });
  return StatusWord.ok;
}
