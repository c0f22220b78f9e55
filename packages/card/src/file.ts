import { type CommandApdu, encodeCommand, parseResponse, type ResponseApdu } from "./apdu.ts";
import { CardError } from "./card-error.ts";
import { concatenate } from "./concatenate.ts";
import { StatusWord } from "./status-word.ts";
import type { CardTransport } from "./transport.ts";

/** No EF of the card is near this size; a card that never says "end" stops here. */
const largestFile = 0x8000;
const largestRead = 0x100;

/** One command, one answer. The status word is not judged. */
export async function transceive(transport: CardTransport, command: CommandApdu): Promise<ResponseApdu> {
  return parseResponse(await transport.transmit(encodeCommand(command)));
}

/** Whether the draft of the next card, which this project made up, is taken for a card. */
export type DraftOption = { acceptDraft?: boolean };

/**
 * SELECT by DF name, no FCI: the first of `identifiers` that the card has, whose index it gives. `NOT_A_MY_NUMBER_CARD` when
 * it has none. Clears the security status.
 */
export async function selectApplication(transport: CardTransport, ...identifiers: Uint8Array[]): Promise<number> {
  let last = 0;
  for (const [index, data] of identifiers.entries()) {
    const { statusWord } = await transceive(transport, { cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x0c, data });
    if (statusWord === StatusWord.ok) return index;
    if (!foreign.includes(statusWord)) throw unexpected("SELECT", statusWord);
    last = statusWord;
  }
  throw new CardError("NOT_A_MY_NUMBER_CARD", "the card does not have the application", { statusWord: last });
}

const foreign: number[] = [StatusWord.fileNotFound, StatusWord.instructionNotSupported, StatusWord.classNotSupported];

/** SELECT of an EF of the current application by its two-byte identifier. `FILE_NOT_FOUND` when it has none. */
export async function selectFile(transport: CardTransport, file: number): Promise<void> {
  const data = Uint8Array.of(file >> 8, file & 0xff);
  const { statusWord } = await transceive(transport, { cla: 0x00, ins: 0xa4, p1: 0x02, p2: 0x0c, data });
  if (statusWord !== StatusWord.ok) throw unexpected("SELECT", statusWord);
}

/**
 * READ BINARY of a whole transparent EF, by as many short commands as it takes.
 * @param sizeOf the size that the first bytes (up to 256) promise, so that filler behind it is not read; without it,
 *   all the card has. An EF shorter than promised is `MALFORMED_RESPONSE`.
 */
export async function readFile(
  transport: CardTransport,
  file: number,
  sizeOf?: (beginning: Uint8Array) => number,
): Promise<Uint8Array<ArrayBuffer>> {
  await selectFile(transport, file);
  let content = await readBinary(transport, 0, largestRead);
  const size = sizeOf?.(content);
  const limit = Math.min(size ?? largestFile, largestFile);
  for (let ended = content.length < largestRead; !ended && content.length < limit; ) {
    const wanted = Math.min(largestRead, limit - content.length);
    const part = await readBinary(transport, content.length, wanted);
    content = concatenate(content, part);
    ended = part.length < wanted;
  }
  if (size !== undefined && content.length < size) throw malformed("a file shorter than it says");
  return content.slice(0, limit);
}

/** READ BINARY on the current EF; empty at and past its end. */
async function readBinary(transport: CardTransport, offset: number, le: number): Promise<Uint8Array<ArrayBuffer>> {
  const { data, statusWord } = await transceive(transport, {
    cla: 0x00,
    ins: 0xb0,
    p1: (offset >> 8) & 0x7f,
    p2: offset & 0xff,
    le,
  });
  if (statusWord === StatusWord.offsetPastEnd) return new Uint8Array();
  if (statusWord !== StatusWord.ok) throw unexpected("READ BINARY", statusWord);
  if (data.length > le) throw malformed("more bytes than were asked for");
  return Uint8Array.from(data);
}

/** READ RECORD by number (1 …) of a record-structured EF. `FILE_NOT_FOUND` when it has no such record. */
export async function readRecord(transport: CardTransport, file: number, record: number): Promise<Uint8Array> {
  await selectFile(transport, file);
  const { data, statusWord } = await transceive(transport, { cla: 0x00, ins: 0xb2, p1: record, p2: 0x04, le: 0x100 });
  if (statusWord !== StatusWord.ok) throw unexpected("READ RECORD", statusWord);
  return data;
}

/** The error for a status word that the command's own caller has no better name for. */
export function unexpected(command: string, statusWord: number): CardError {
  const sentence = `${command} was answered ${statusWord.toString(16).padStart(4, "0")}`;
  if (statusWord === StatusWord.securityStatusNotSatisfied) {
    return new CardError("SECURITY_STATUS", sentence, { statusWord });
  }
  if (statusWord === StatusWord.fileNotFound || statusWord === StatusWord.recordNotFound) {
    return new CardError("FILE_NOT_FOUND", sentence, { statusWord });
  }
  return new CardError("UNEXPECTED_STATUS", sentence, { statusWord });
}

function malformed(sentence: string): CardError {
  return new CardError("MALFORMED_RESPONSE", sentence);
}
