/** First days of the eras, YYYYMMDD. */
const eras = ["18680125", "19120730", "19261225", "19890108", "20190501"];

/** A birth date as it opens the age record and begins 照合番号B: YYMMDD in the year of its era. @param birthdate YYYYMMDD */
export function birthNumber(birthdate: string): string {
  if (!/^[0-9]{8}$/.test(birthdate)) throw new TypeError("dates have eight digits");
  const era = eras.findLast((firstDay) => firstDay <= birthdate) ?? eras[0]!;
  const eraYear = Math.max(1, Number(birthdate.slice(0, 4)) - Number(era.slice(0, 4)) + 1);
  return String(eraYear).padStart(2, "0") + birthdate.slice(4);
}

/** 照合番号B: birth date YYMMDD in the year of its era, the card's expiry year YYYY, the security code. */
export function verificationNumberB(card: { birthdate: string; expiry: string; securityCode: string }): string {
  const { birthdate, expiry, securityCode } = card;
  if (!/^[0-9]{8}$/.test(expiry) || !/^[0-9]{4}$/.test(securityCode)) {
    throw new TypeError("dates have eight digits, the security code four");
  }
  return birthNumber(birthdate) + expiry.slice(0, 4) + securityCode;
}
