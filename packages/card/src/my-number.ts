import { CardError } from "./card-error.ts";

/** 検査用数字: the twelfth digit for the first eleven (平成26年総務省令第85号 §5). */
export function myNumberCheckDigit(elevenDigits: string): number {
  if (!/^[0-9]{11}$/.test(elevenDigits)) throw new RangeError("eleven digits stand before a check digit");
  const sum = [...elevenDigits].reverse().reduce((total, digit, index) => {
    const n = index + 1;
    return total + Number(digit) * (n <= 6 ? n + 1 : n - 5);
  }, 0);
  const remainder = sum % 11;
  return remainder <= 1 ? 0 : 11 - remainder;
}

/** Throws `NOT_AUTHENTIC` when the check digit does not fit. That anybody has the number is not checked. */
export function verifyCheckDigit(myNumber: string): void {
  if (/^[0-9]{12}$/.test(myNumber) && myNumberCheckDigit(myNumber.slice(0, 11)) === Number(myNumber[11])) return;
  throw new CardError("NOT_AUTHENTIC", "the check digit does not fit the number");
}
