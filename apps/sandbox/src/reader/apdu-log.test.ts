import { expect, test } from "vitest";
import { ApduLog } from "./apdu-log.ts";

const at = new Date("2026-11-25T00:00:00Z");
const select = Buffer.from("00a4040c0ad392f000260100000001", "hex");
const done = Buffer.from("9000", "hex");

test("cards that are not spoken to any more make room for those that are", () => {
  const log = new ApduLog(() => at);
  const longest = Buffer.concat([Buffer.alloc(60_000), done]);
  for (let card = 0; card < 60; card++) {
    log.begin(`p-${card}`);
    for (let command = 0; command < 60; command++) log.record(`p-${card}`, Buffer.from("00b0000000", "hex"), longest);
  }
  expect(log.of("p-0")).toEqual([]);
  const [session] = log.of("p-59");
  expect(session!.exchanges).toHaveLength(60);
  expect(session!.exchanges[0]!.received).toMatch(/^(\*\*|00){4096}…9000$/);
});

test("a session in which nothing is said is none, and takes no room", () => {
  const log = new ApduLog(() => at);
  log.begin("hanako");
  log.record("hanako", select, done);
  for (let session = 0; session < 100; session++) log.begin("hanako");
  log.record("hanako", select, undefined);
  expect(log.of("hanako").map(({ exchanges }) => exchanges.map(({ outcome }) => outcome))).toEqual([
    ["lost"],
    ["done"],
  ]);
});

test("what is said to a card that is not on the reader is not kept", () => {
  const log = new ApduLog(() => at);
  log.record("nobody", select, done);
  expect(log.of("nobody")).toEqual([]);
});
