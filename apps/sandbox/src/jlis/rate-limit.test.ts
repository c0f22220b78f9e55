import { expect, test } from "vitest";
import { RateLimit } from "./rate-limit.ts";

test("calls come at once up to the burst, then as fast as time gives them back, for each name apart", () => {
  let now = 0;
  const limit = new RateLimit({ burst: 3, perSecond: 2, now: () => now });
  const taken = (name: string) => {
    try {
      limit.take(name);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: "TOO_MANY_REQUESTS" });
      return false;
    }
  };
  expect([1, 2, 3, 4].map(() => taken("a"))).toEqual([true, true, true, false]);
  expect(taken("b")).toBe(true);
  now = 499;
  expect(taken("a")).toBe(false);
  now = 500;
  expect([taken("a"), taken("a")]).toEqual([true, false]);
  now = 1_000_000;
  expect([1, 2, 3, 4].map(() => taken("a"))).toEqual([true, true, true, false]);
});
