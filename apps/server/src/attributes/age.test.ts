import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasReachedAge, japanDate } from "./age.ts";
import { attributeVectors } from "./test-vectors.ts";

describe("an age", () => {
  type Vector = { why: string; birthdate: string; years: number; today: string; reached: boolean | null };

  it.each(attributeVectors<Vector>("ages"))(
    "is reached or not, or that is not said: $why",
    ({ birthdate, years, today, reached }) => {
      expect(hasReachedAge(birthdate, years, today)).toBe(reached ?? undefined);
    },
  );

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
