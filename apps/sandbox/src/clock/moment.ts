import { isDay, japanOffset, startOfDay } from "../calendar.ts";
import { SandboxError } from "../error.ts";

const japan = "+09:00";

/** A moment from `YYYY-MM-DD` (its first second in Japan) or an ISO 8601 date and time, without a zone in Japan. Throws MALFORMED. */
export function parseMoment(text: string): Date {
  if (isDay(text)) return startOfDay(text);
  const [, day = "", zone] =
    /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/.exec(text) ?? [];
  const at = new Date(zone ? text : text + japan);
  if (isDay(day) && !Number.isNaN(at.getTime())) return at;
  throw new SandboxError("MALFORMED", "a moment is YYYY-MM-DD or an ISO 8601 date and time");
}

const form =
  /^P(?=\d|T\d)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?$/;
const shortForm = /^(\d{1,6})(y|mo|w|d|h|min)$/;
const shortUnits: Record<string, (count: string) => string> = {
  y: (count) => `P${count}Y`,
  mo: (count) => `P${count}M`,
  w: (count) => `P${count}W`,
  d: (count) => `P${count}D`,
  h: (count) => `PT${count}H`,
  min: (count) => `PT${count}M`,
};

/**
 * So much later: an ISO 8601 duration such as `P1Y6M`, or one number with its unit: `5y`, `3mo`, `2w`, `30d`, `12h`,
 * `30min`. Years and months go by the calendar in Japan and end on the month's last day at the latest. Throws MALFORMED.
 */
export function addDuration(at: Date, text: string): Date {
  const [, count = "", unit = ""] = shortForm.exec(text) ?? [];
  const found = form.exec(shortUnits[unit]?.(count) ?? text);
  if (!found)
    throw new SandboxError("MALFORMED", "a duration is ISO 8601 (P1Y6M) or a number with y, mo, w, d, h or min");
  const [years, months, weeks, days, hours, minutes, seconds] = found
    .slice(1)
    .map((part) => Number(part ?? 0)) as Seven;
  const inJapan = new Date(at.getTime() + japanOffset);
  const dayOfMonth = inJapan.getUTCDate();
  inJapan.setUTCDate(1);
  inJapan.setUTCMonth(inJapan.getUTCMonth() + 12 * years + months);
  const lastOfMonth = new Date(Date.UTC(inJapan.getUTCFullYear(), inJapan.getUTCMonth() + 1, 0)).getUTCDate();
  inJapan.setUTCDate(Math.min(dayOfMonth, lastOfMonth) + 7 * weeks + days);
  const later = inJapan.getTime() - japanOffset + ((hours * 60 + minutes) * 60 + seconds) * 1000;
  if (Number.isNaN(later) || later > 8e15) throw new SandboxError("CLOCK_TOO_FAR", "beyond the end of the calendar");
  return new Date(later);
}

type Seven = [number, number, number, number, number, number, number];
