import { expect, it } from "vitest";
import { remember, Sessions, take } from "./sessions.ts";

it("ends a session that was not used for half an hour", () => {
  let now = 0;
  const sessions = new Sessions(() => now);
  const { id } = sessions.create();
  now += 29 * 60_000;
  expect(sessions.find(id)).toBeDefined();
  now += 29 * 60_000;
  expect(sessions.find(id)).toBeDefined();
  now += 31 * 60_000;
  expect(sessions.find(id)).toBeUndefined();
  expect(sessions.find(id)).toBeUndefined();
});

it("holds ten thousand, and lets the longest unused go first", () => {
  const sessions = new Sessions(() => 0);
  const ids = Array.from({ length: 10_000 }, () => sessions.create().id);
  sessions.find(ids[0]);
  sessions.create();
  expect(sessions.find(ids[0])).toBeDefined();
  expect(sessions.find(ids[1])).toBeUndefined();
  expect(sessions.find(ids[2])).toBeDefined();
});

it("answers each callback once, for up to five tabs", () => {
  const { session } = new Sessions(() => 0).create();
  for (const state of ["1", "2", "3", "4", "5", "6"]) {
    remember(session, state, { intent: "open", transaction: state });
  }
  expect(take(session, "1")).toBeUndefined();
  expect(take(session, "6")?.transaction).toBe("6");
  expect(take(session, "6")).toBeUndefined();
  expect(take(session, undefined)).toBeUndefined();
  expect(take(undefined, "2")).toBeUndefined();
});
