import type { CommandApdu } from "../../apdu.ts";
import { StatusWord } from "../../status-word.ts";
import type { Answer, CardSession } from "../card-session.ts";

const contactAnswerToReset = 0x5f51;

/**
 * ISO/IEC 7816-4 §7.4.2, in the state after power-on: the contents of the object whose tag is P1-P2, whole, so that a
 * large one needs an extended Le. Inside an application there is none but the contact interface's answer to reset.
 */
export function getData(card: CardSession, { p1, p2, data, le }: CommandApdu): Answer {
  const tag = p1 * 0x100 + p2;
  const { files } = tag === contactAnswerToReset ? card.state.applications[0]! : card.application;
  const name = `data-${tag.toString(16).padStart(4, "0")}`;
  const object = files[name];
  if (!object) return StatusWord.referenceNotFound;
  if (data || le === undefined) return StatusWord.wrongLength;
  const file = card.use({ name, file: object });
  if (file.kind !== "transparent") return StatusWord.referenceNotFound;
  const content = Buffer.from(file.content, "base64");
  return le < content.length ? StatusWord.wrongLength : { data: content };
}
