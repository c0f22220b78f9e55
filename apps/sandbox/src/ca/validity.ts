import { birthdayAfter, type Day, dayInJapan, endOfDay } from "../calendar.ts";

/**
 * The end of a resident's certificate: the fifth birthday after its issue, 23:59:59 in Japan, but never beyond `bounds`
 * (the authority's end; for a signature certificate also the authentication certificate's).
 */
export function certificateEnd(issuedAt: Date, birthdate: Day, bounds: Date[]): Date {
  const birthday = endOfDay(birthdayAfter(dayInJapan(issuedAt), birthdate, 5));
  return new Date(Math.min(birthday.getTime(), ...bounds.map((bound) => bound.getTime())));
}
