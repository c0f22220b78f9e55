import { expect, test } from "vitest";
import { isSweepDue } from "./sweep-schedule.ts";

const due = (last: string | undefined, now: string, at = 3) =>
  isSweepDue({ last: last === undefined ? undefined : new Date(last), now: new Date(now), at });

test("the first sweep is due at once", () => {
  expect(due(undefined, "2026-11-24T12:00:00+09:00")).toBe(true);
});

test.each([
  ["before its hour", "2026-11-24T03:00:01+09:00", "2026-11-25T02:59:59+09:00", false],
  ["at its hour", "2026-11-24T03:00:01+09:00", "2026-11-25T03:00:00+09:00", true],
  ["made already this night", "2026-11-25T03:00:00+09:00", "2026-11-25T23:00:00+09:00", false],
  ["made by hand in the evening", "2026-11-24T21:00:00+09:00", "2026-11-25T03:00:00+09:00", true],
  ["missed for years", "2026-11-24T03:00:00+09:00", "2031-11-24T04:00:00+09:00", true],
  ["after a clock that was set back", "2031-11-24T03:00:00+09:00", "2026-11-24T04:00:00+09:00", false],
])("a sweep %s: last %s, now %s", (_, last, now, expected) => {
  expect(due(last, now)).toBe(expected);
});

test("its hour may be any of the day", () => {
  expect(due("2026-11-24T23:00:00+09:00", "2026-11-25T22:59:00+09:00", 23)).toBe(false);
  expect(due("2026-11-24T23:00:00+09:00", "2026-11-25T23:00:00+09:00", 23)).toBe(true);
  expect(due("2026-11-24T00:00:00+09:00", "2026-11-25T00:00:00+09:00", 0)).toBe(true);
});
