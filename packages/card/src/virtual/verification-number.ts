/** First days of the eras, YYYYMMDD. */
const eras = ["18680125", "19120730", "19261225", "19890108", "20190501"];

/**
 * 照合番号B: birth date YYMMDD in the year of its era, the card's expiry year YYYY, the security code.
 * @param birthdate YYYYMMDD, Gregorian
 */
export function verificationNumberB(birthdate: string, expiry: string, securityCode: string): string {
  if (![birthdate, expiry].every((date) => /^[0-9]{8}$/.test(date)) || !/^[0-9]{4}$/.test(securityCode)) {
    throw new TypeError("dates have eight digits, the security code four");
  }
  const era = eras.findLast((firstDay) => firstDay <= birthdate) ?? eras[0]!;
  const eraYear = Math.max(1, Number(birthdate.slice(0, 4)) - Number(era.slice(0, 4)) + 1);
  return `${String(eraYear).padStart(2, "0")}${birthdate.slice(4)}${expiry.slice(0, 4)}${securityCode}`;
}
