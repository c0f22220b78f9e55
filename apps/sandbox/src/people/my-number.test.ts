import { myNumberCheckDigit } from "@xid/card";
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeMyNumber, myNumberRange } from "./my-number.ts";

test("every number is in the declared range and has its check digit", () => {
  fc.assert(
    fc.property(fc.nat(999_999), (chosen) => {
      const number = makeMyNumber(() => chosen);
      expect(number).toMatch(/^\d{12}$/);
      expect(number.startsWith(myNumberRange)).toBe(true);
      expect(myNumberCheckDigit(number.slice(0, 11))).toBe(Number(number[11]));
    }),
  );
});
