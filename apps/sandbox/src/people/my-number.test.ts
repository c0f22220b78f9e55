import fc from "fast-check";
import { expect, test } from "vitest";
import { checkDigit, makeMyNumber, myNumberRange } from "./my-number.ts";

test("the check digit is that of the ordinance", () => {
  for (const number of ["123456789018", "537686771788"])
    expect(checkDigit(number.slice(0, 11))).toBe(Number(number[11]));
});

test("every number is in the declared range and has its check digit", () => {
  fc.assert(
    fc.property(fc.nat(999_999), (chosen) => {
      const number = makeMyNumber(() => chosen);
      expect(number).toMatch(/^\d{12}$/);
      expect(number.startsWith(myNumberRange)).toBe(true);
      expect(checkDigit(number.slice(0, 11))).toBe(Number(number[11]));
    }),
  );
});
