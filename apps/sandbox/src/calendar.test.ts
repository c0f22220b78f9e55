import fc from "fast-check";
import { expect, test } from "vitest";
import { certificateEnd } from "./ca/validity.ts";
import { ageOn, birthdayAfter, birthdayIn, dayInJapan, endOfDay, isBirthdate, isDay } from "./calendar.ts";

test("a day in Japan begins nine hours before it does in Greenwich", () => {
  expect(dayInJapan(new Date("2026-03-04T14:59:59Z"))).toBe("2026-03-04");
  expect(dayInJapan(new Date("2026-03-04T15:00:00Z"))).toBe("2026-03-05");
  expect(endOfDay("2026-03-05").toISOString()).toBe("2026-03-05T14:59:59.000Z");
});

test("only days of the calendar are days", () => {
  expect(isDay("2024-02-29")).toBe(true);
  for (const text of ["2023-02-29", "2023-13-01", "2023-1-1", "", "2023-01-01T00:00:00Z"])
    expect(isDay(text)).toBe(false);
});

test("who was born on 29 February has the birthday on the 28th in other years", () => {
  expect(birthdayIn(2028, "1992-02-29")).toBe("2028-02-29");
  expect(birthdayIn(2027, "1992-02-29")).toBe("2027-02-28");
});

test("a birth date of the register may lack its day, its month or all of it", () => {
  for (const text of ["1988-03-05", "1930-04-00", "1930-00-00", "0000-00-00"]) expect(isBirthdate(text)).toBe(true);
  for (const text of ["1930-00-05", "1930-13-00", "1930-04-31", "0000-00-0", ""]) expect(isBirthdate(text)).toBe(false);
});

test("an unknown birthday is the last day that it can be", () => {
  expect(birthdayIn(2027, "1930-04-00")).toBe("2027-04-30");
  expect(birthdayIn(2027, "1930-02-00")).toBe("2027-02-28");
  expect(birthdayIn(2027, "1930-00-00")).toBe("2027-12-31");
  expect(ageOn("2026-12-30", "1930-00-00")).toBe(95);
});

test("the birthday itself doesn't count as one that comes after it", () => {
  expect(birthdayAfter("2026-03-04", "1988-03-05", 1)).toBe("2026-03-05");
  expect(birthdayAfter("2026-03-05", "1988-03-05", 1)).toBe("2027-03-05");
});

test("a certificate ends on the fifth birthday, but never beyond its bounds", () => {
  const issued = new Date("2026-11-24T01:00:00Z");
  expect(certificateEnd(issued, "1988-03-05", []).toISOString()).toBe("2031-03-05T14:59:59.000Z");
  const bound = new Date("2030-07-01T14:59:59Z");
  expect(certificateEnd(issued, "1988-03-05", [bound])).toEqual(bound);
});

test("between two birthdays one's age is the number of birthdays since birth", () => {
  const days = fc
    .date({ min: new Date("1920-01-01"), max: new Date("2020-01-01"), noInvalidDate: true })
    .map(dayInJapan);
  fc.assert(
    fc.property(days, days, (one, other) => {
      const [birthdate, today] = one < other ? [one, other] : [other, one];
      const next = birthdayAfter(today, birthdate, 1);
      expect(next > today).toBe(true);
      expect(Number(next.slice(0, 4)) - Number(birthdate.slice(0, 4))).toBe(ageOn(today, birthdate) + 1);
    }),
  );
});
