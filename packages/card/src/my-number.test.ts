import { describe, expect, it } from "vitest";
import { myNumberCheckDigit, verifyCheckDigit } from "./my-number.ts";

describe("the check digit of a My Number", () => {
  it.each(["123456789018", "537686771788"])("is that of the ordinance for %s", (number) => {
    expect(myNumberCheckDigit(number.slice(0, 11))).toBe(Number(number[11]));
    verifyCheckDigit(number);
  });

  it("finds any one digit that was changed, but for a 0 that stands for 10 too", () => {
    const number = "123456789018";
    for (let at = 0; at < 12; at++) {
      for (let digit = 0; digit < 10; digit++) {
        const changed = `${number.slice(0, at)}${digit}${number.slice(at + 1)}`;
        if (changed === number) verifyCheckDigit(changed);
        else expect(() => verifyCheckDigit(changed)).toThrow(expect.objectContaining({ code: "NOT_AUTHENTIC" }));
      }
    }
  });

  it.each(["", "12345678901", "1234567890188", "12345678901\u0668", "12345678901a"])("is none of %j", (text) => {
    expect(() => verifyCheckDigit(text)).toThrow(expect.objectContaining({ code: "NOT_AUTHENTIC" }));
  });
});
