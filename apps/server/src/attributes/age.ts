/** The calendar date in Japan, `YYYY-MM-DD`. @param now milliseconds since 1970 */
export function japanDate(now: number): string {
  return new Date(now + 9 * 3_600_000).toISOString().slice(0, 10);
}

/**
 * Whether somebody has reached an age on a day in Japan. An age is reached at the end of the day before the birthday
 * (年齢計算ニ関する法律 and 民法 143条), so the answer is yes from 00:00 on the birthday; whoever was born on 29 February
 * gets older at the end of 28 February. Undefined where the parts of the birth date that are known do not decide it.
 *
 * @param birthdate `YYYY-MM-DD`, `0000` or `00` for what the register does not know
 * @param today `YYYY-MM-DD`
 */
export function hasReachedAge(birthdate: string, years: number, today: string): boolean | undefined {
  const [year = "", month = "", day = ""] = birthdate.split("-");
  if (year === "0000") return undefined;
  // A day that the year does not have compares as the day after its month's last.
  const birthday = (unknownMonth: string, unknownDay: string) =>
    `${String(Number(year) + years).padStart(4, "0")}-${month === "00" ? unknownMonth : month}-${day === "00" ? unknownDay : day}`;
  if (today >= birthday("12", "31")) return true;
  return today < birthday("01", "01") ? false : undefined;
}
