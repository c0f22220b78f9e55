const hour = 3_600_000;
const day = 24 * hour;
/** Japan is nine hours ahead all year. */
const ahead = 9 * hour;

/** Whether a nightly sweep is due: none has been made since the last time that it was so late in Japan. */
export function isSweepDue({ last, now, at }: { last: Date | undefined; now: Date; at: number }): boolean {
  const latest = Math.floor((now.getTime() + ahead - at * hour) / day) * day - ahead + at * hour;
  return last === undefined || last.getTime() < latest;
}
