/** A day as `YYYY-MM-DD`. */
export type Day = string;

/** Milliseconds by which clocks in Japan are ahead of Greenwich. */
export const japanOffset = 9 * 60 * 60 * 1000;
export const dayLength = 24 * 60 * 60 * 1000;

/** The day that a clock in Japan shows at that moment. */
export function dayInJapan(at: Date): Day {
  return new Date(at.getTime() + japanOffset).toISOString().slice(0, 10);
}

/** 00:00:00 in Japan on that day. */
export function startOfDay(day: Day): Date {
  return new Date(Date.parse(`${day}T00:00:00Z`) - japanOffset);
}

/** 23:59:59 in Japan on that day, which is 14:59:59Z. */
export function endOfDay(day: Day): Date {
  return new Date(startOfDay(day).getTime() + dayLength - 1000);
}

/** Whether it is written as a day and exists in the calendar. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text;
}

/** The same for a birth date of the register, where `00` stands for a day or month and `0000` for a year not known. */
export function isBirthdate(text: string): boolean {
  return isDay(text) || /^(?:\d{4}-(?:0[1-9]|1[0-2])-00|\d{4}-00-00)$/.test(text);
}

/**
 * The birthday in a given year; for someone born on 29 February, the 28th in the years without one. Where month or day are
 * not known it is the last day that it can be.
 */
export function birthdayIn(year: number, birthdate: Day): Day {
  const [, month, day] = birthdate.split("-").map(Number) as [number, number, number];
  const lastMonth = month || 12;
  const lastDay = new Date(Date.UTC(2000, lastMonth, 0)).getUTCDate();
  const birthday = `${String(year).padStart(4, "0")}-${twoDigits(lastMonth)}-${twoDigits(day || lastDay)}`;
  return isDay(birthday) ? birthday : `${birthday.slice(0, 5)}02-28`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** Full years of age on a day. */
export function ageOn(day: Day, birthdate: Day): number {
  const year = Number(day.slice(0, 4));
  return year - Number(birthdate.slice(0, 4)) - (day < birthdayIn(year, birthdate) ? 1 : 0);
}

/** The n-th birthday that comes after a day. */
export function birthdayAfter(day: Day, birthdate: Day, nth: number): Day {
  const year = Number(day.slice(0, 4));
  const first = day < birthdayIn(year, birthdate) ? year : year + 1;
  return birthdayIn(first + nth - 1, birthdate);
}

/** The same day of an earlier month, or that month's last day. */
export function monthsBefore(day: Day, months: number): Day {
  const date = new Date(`${day}T00:00:00Z`);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months + 1, 0));
  last.setUTCDate(Math.min(date.getUTCDate(), last.getUTCDate()));
  return last.toISOString().slice(0, 10);
}
