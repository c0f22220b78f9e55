import { PkiError } from "../pki-error.ts";

const malformed = (): PkiError => new PkiError("MALFORMED", "time is not YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ");

function twoDigits(bytes: Buffer, at: number): number {
  const tens = bytes[at]! - 0x30;
  const ones = bytes[at + 1]! - 0x30;
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) throw malformed();
  return tens * 10 + ones;
}

/**
 * Content of a UTCTime or GeneralizedTime (RFC 5280 4.1.2.5: seconds, `Z`, no fraction), in milliseconds since 1970.
 * GeneralizedTime before 2050 is accepted, as relying parties must. Throws `MALFORMED`, also on days that do not exist.
 */
export function parseTime(bytes: Buffer, start: number, end: number, utcTime: boolean): number {
  const digits = utcTime ? 12 : 14;
  if (end - start !== digits + 1 || bytes[end - 1] !== 0x5a) throw malformed();
  const short = twoDigits(bytes, start);
  const year = utcTime ? (short >= 50 ? 1900 : 2000) + short : short * 100 + twoDigits(bytes, start + 2);
  const at = start + digits - 10;
  const month = twoDigits(bytes, at);
  const day = twoDigits(bytes, at + 2);
  const hour = twoDigits(bytes, at + 4);
  const minute = twoDigits(bytes, at + 6);
  const second = twoDigits(bytes, at + 8);
  if (year < 1000 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) throw malformed();
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 ? (leap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  if (day < 1 || day > days) throw malformed();
  return ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60_000 + second * 1000;
}

/** Of a day in the Gregorian calendar. Years are counted from March, so that the leap day is their last. */
function daysSince1970(year: number, month: number, day: number): number {
  const years = month > 2 ? year : year - 1;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  const monthDays = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5);
  return years * 365 + leapDays + monthDays + day - 719_469;
}
