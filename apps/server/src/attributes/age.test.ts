import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasReachedAge, japanDate } from "./age.ts";

describe("an age", () => {
  it.each([
    ["the day before the birthday", "2008-04-01", "2026-03-31", false],
    ["the birthday", "2008-04-01", "2026-04-01", true],
    ["28 February, born on the 29th", "2008-02-29", "2026-02-28", false],
    ["1 March of a common year, born on 29 February", "2008-02-29", "2026-03-01", true],
    ["29 February of a leap year, born on one", "2008-02-29", "2028-02-29", true],
  ])("of 18 is reached or not on %s", (_, birthdate, today, reached) => {
    expect(hasReachedAge(birthdate, 18, today)).toBe(reached);
  });

  it("of 20 for whoever was born on 29 February is reached on that day, where the year has it", () => {
    expect(hasReachedAge("2004-02-29", 20, "2024-02-28")).toBe(false);
    expect(hasReachedAge("2004-02-29", 20, "2024-02-29")).toBe(true);
  });

  it.each([
    ["no day: by the last of the month", "2008-04-00", "2026-04-30", undefined],
    ["no day: certain after the month", "2008-04-00", "2026-05-01", true],
    ["no day: certain before the month", "2008-04-00", "2026-03-31", false],
    ["no month: not before the year is over", "2008-00-00", "2026-12-30", undefined],
    ["no month: certain in the next year", "2008-00-00", "2027-01-01", true],
    ["no month: certain in the year before", "2008-00-00", "2025-12-31", false],
    ["no year", "0000-02-29", "2026-12-31", undefined],
    ["nothing", "0000-00-00", "2026-12-31", undefined],
  ])("is said only where it is certain: %s", (_, birthdate, today, reached) => {
    expect(hasReachedAge(birthdate, 18, today)).toBe(reached);
  });

  it("that is certain with a part unknown is the same whatever the part is", () => {
    const day = fc.date({ min: new Date("2000-01-01"), max: new Date("2035-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(day, day, (born, now) => {
        const birthdate = born.toISOString().slice(0, 10);
        const today = now.toISOString().slice(0, 10);
        const exact = hasReachedAge(birthdate, 18, today);
        expect(exact).toBeTypeOf("boolean");
        for (const vague of [`${birthdate.slice(0, 8)}00`, `${birthdate.slice(0, 5)}00-00`]) {
          expect([undefined, exact]).toContain(hasReachedAge(vague, 18, today));
        }
      }),
    );
  });

  it("goes by the day in Japan", () => {
    expect(japanDate(Date.parse("2026-03-31T14:59:59Z"))).toBe("2026-03-31");
    expect(japanDate(Date.parse("2026-03-31T15:00:00Z"))).toBe("2026-04-01");
  });
});
