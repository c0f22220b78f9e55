import { CardError } from "./card-error.ts";

/** A command APDU (ISO/IEC 7816-4 §5.1). */
export type CommandApdu = {
  cla: number;
  ins: number;
  p1: number;
  p2: number;
  /** 1 to 65535 bytes; absent when the command has no data field. */
  data?: Uint8Array;
  /** Expected length of the answer, 1 to 65536 bytes; absent when none is expected. */
  le?: number;
};

export type ResponseApdu = { data: Uint8Array; statusWord: number };

/** Short form where lengths allow it, else extended. Throws RangeError for lengths no APDU can have. */
export function encodeCommand({ cla, ins, p1, p2, data, le }: CommandApdu): Uint8Array<ArrayBuffer> {
  const lc = data?.length;
  if ((lc !== undefined && (lc < 1 || lc > 0xffff)) || (le !== undefined && (le < 1 || le > 0x10000))) {
    throw new RangeError("no APDU has this length");
  }
  const header = [cla, ins, p1, p2];
  if ((lc ?? 0) <= 0xff && (le ?? 0) <= 0x100) {
    return Uint8Array.from([...header, ...(data ? [data.length, ...data] : []), ...(le ? [le & 0xff] : [])]);
  }
  const u16 = (value: number) => [(value >> 8) & 0xff, value & 0xff];
  return Uint8Array.from([...header, 0, ...(data ? [...u16(data.length), ...data] : []), ...(le ? u16(le) : [])]);
}

/** The command in `bytes`, short or extended; `undefined` when they have no form of ISO/IEC 7816-4 §5.1. */
export function parseCommand(bytes: Uint8Array): CommandApdu | undefined {
  if (bytes.length < 4) return undefined;
  const [cla, ins, p1, p2] = bytes as unknown as [number, number, number, number];
  const header = { cla, ins, p1, p2 };
  const body = bytes.subarray(4);
  if (body.length === 0) return header;
  if (body.length === 1) return { ...header, le: body[0] || 0x100 };
  const extended = body[0] === 0;
  if (extended && body.length === 3) return { ...header, le: u16At(body, 1) || 0x10000 };
  if (extended && body.length < 3) return undefined;
  const lengthSize = extended ? 3 : 1;
  const lc = extended ? u16At(body, 1) : body[0]!;
  const data = body.slice(lengthSize, lengthSize + lc);
  if (lc === 0 || data.length !== lc) return undefined;
  const rest = body.subarray(lengthSize + lc);
  if (rest.length === 0) return { ...header, data };
  if (rest.length !== (extended ? 2 : 1)) return undefined;
  return { ...header, data, le: extended ? u16At(rest, 0) || 0x10000 : rest[0] || 0x100 };
}

export function encodeResponse(statusWord: number, data: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...data, statusWord >> 8, statusWord & 0xff]);
}

/** Throws `MALFORMED_RESPONSE` for fewer bytes than a status word or more than an APDU can carry. */
export function parseResponse(bytes: Uint8Array): ResponseApdu {
  const end = bytes.length - 2;
  if (end < 0 || end > 0x10000) throw new CardError("MALFORMED_RESPONSE", "not a response APDU");
  return { data: bytes.slice(0, end), statusWord: u16At(bytes, end) };
}

function u16At(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! * 0x100 + bytes[offset + 1]!;
}
