/** Every My Number of the simulation begins so; nothing else in it does, so that one can search for leaks. */
export const myNumberRange = "99990";

/** The twelfth digit for the first eleven (平成26年総務省令第85号 §5). */
export function checkDigit(elevenDigits: string): number {
  const sum = [...elevenDigits].reverse().reduce((total, digit, index) => {
    const n = index + 1;
    return total + Number(digit) * (n <= 6 ? n + 1 : n - 5);
  }, 0);
  const remainder = sum % 11;
  return remainder <= 1 ? 0 : 11 - remainder;
}

/** A fictional My Number in the declared range. `random` gives an integer below its argument. */
export function makeMyNumber(random: (below: number) => number): string {
  const body = myNumberRange + String(random(1_000_000)).padStart(6, "0");
  return body + checkDigit(body);
}
