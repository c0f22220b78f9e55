import { type Day, endOfDay, startOfDay } from "../calendar.ts";

/**
 * The generations of an authority: one name, and every four years a new key that issues from then on. The one before goes
 * on signing revocation lists and OCSP answers until its own end, so generations overlap.
 */
export type Generation = { number: number; notBefore: Date; notAfter: Date };

const firstYear = 2015;
const yearsBetween = 4;
/** So that what is issued for five years in a generation's last days still ends before the generation itself. */
const lifetime = 10;

/** 10:00:37 in Japan: the JPKI's own begin at an odd second, and end like everything else at the end of a day. */
const beginning = (10 * 3600 + 37) * 1000;

export function generation(number: number): Generation {
  const year = firstYear + (number - 1) * yearsBetween;
  return {
    number,
    notBefore: new Date(startOfDay(day(year, 20)).getTime() + beginning),
    notAfter: endOfDay(day(year + lifetime, 19)),
  };
}

/** The newest generation that has begun; the first one for times before there was any. */
export function generationAt(time: Date): Generation {
  const year = time.getUTCFullYear();
  const candidate = generation(Math.max(1, Math.floor((year - firstYear) / yearsBetween) + 1));
  return candidate.number > 1 && time < candidate.notBefore ? generation(candidate.number - 1) : candidate;
}

/** Every generation that is valid at a time, oldest first. */
export function generationsAt(time: Date): Generation[] {
  const newest = generationAt(time).number;
  const oldest = Math.max(1, newest - Math.ceil(lifetime / yearsBetween));
  return Array.from({ length: newest - oldest + 1 }, (_, index) => generation(oldest + index)).filter(
    ({ number, notAfter }) => number === newest || notAfter >= time,
  );
}

function day(year: number, dayOfOctober: number): Day {
  return `${year}-10-${dayOfOctober}`;
}
