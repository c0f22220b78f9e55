import { dayLength } from "../calendar.ts";
import { tags } from "./der.ts";
import { type Reason, reasonCodes } from "./kind.ts";

/** A revoked certificate as a CRL names it; `at` in milliseconds, whole seconds. */
export type RevokedEntry = { serial: number; at: number; reason: Reason };

/** reasonCode, not critical, up to the code itself (RFC 5280 §5.3.1): Extensions { Extension { 2.5.29.21, ENUMERATED } }. */
const reasonExtension = Buffer.from("300c300a0603551d1504030a0100", "hex");
export const longestEntry = 48;

/**
 * Writes one element of revokedCertificates as DER and returns the offset after it. By hand, because a list of millions is
 * made of nothing else; every entry is shorter than 128 octets.
 */
export function writeEntry(target: Buffer, start: number, { serial, at, reason }: RevokedEntry): number {
  let offset = start + 2;
  const size = integerSize(serial);
  target[offset++] = tags.integer;
  target[offset++] = size;
  offset = target.writeUIntBE(serial, offset, size);
  offset = writeTime(target, offset, at);
  // RFC 5280 §5.3.1: "unspecified" is said by saying nothing.
  if (reason !== "unspecified") {
    offset += reasonExtension.copy(target, offset);
    target[offset - 1] = reasonCodes[reason];
  }
  target[start] = tags.sequence;
  target[start + 1] = offset - start - 2;
  return offset;
}

/** How many octets `writeEntry` writes. */
export function entrySize({ serial, at, reason }: RevokedEntry): number {
  const extension = reason === "unspecified" ? 0 : reasonExtension.length;
  return 2 + 2 + integerSize(serial) + timeSize(at) + extension;
}

/** A zero octet in front where the first bit would make it negative. */
function integerSize(serial: number): number {
  let size = 1;
  for (let rest = serial; rest >= 128; rest = Math.floor(rest / 256)) size++;
  return size;
}

/** RFC 5280 §5.1.2.6: UTCTime to the end of 2049, GeneralizedTime from then on. */
const firstGeneralized = Date.UTC(2050, 0, 1);

function timeSize(at: number): number {
  return at < firstGeneralized ? 15 : 17;
}

function writeTime(target: Buffer, start: number, at: number): number {
  const day = Math.floor(at / dayLength);
  const second = Math.floor((at - day * dayLength) / 1000);
  const date = digitsOfDay(day);
  const skipped = at < firstGeneralized ? 2 : 0;
  let offset = start;
  target[offset++] = skipped ? tags.utcTime : tags.generalizedTime;
  target[offset++] = timeSize(at) - 2;
  offset += target.write(date.slice(skipped), offset, "latin1");
  offset = writeTwoDigits(target, offset, Math.floor(second / 3600));
  offset = writeTwoDigits(target, offset, Math.floor(second / 60) % 60);
  offset = writeTwoDigits(target, offset, second % 60);
  target[offset++] = 0x5a;
  return offset;
}

function writeTwoDigits(target: Buffer, offset: number, value: number): number {
  target[offset] = 0x30 + Math.floor(value / 10);
  target[offset + 1] = 0x30 + (value % 10);
  return offset + 2;
}

const days = new Map<number, string>();

/** `YYYYMMDD` of a day counted from 1970. */
function digitsOfDay(day: number): string {
  let digits = days.get(day);
  if (digits === undefined) {
    if (days.size > 20_000) days.clear();
    digits = new Date(day * dayLength).toISOString().slice(0, 10).replaceAll("-", "");
    days.set(day, digits);
  }
  return digits;
}
