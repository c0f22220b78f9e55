import { JpkiApplication } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dayLength } from "../calendar.ts";
import { codeOf, startTestWorld, type TestWorld } from "../test-world.ts";
import { closeWorld, openWorld } from "../world.ts";
import { addDuration, parseMoment } from "./moment.ts";
import type { PresentedClock } from "./routes.ts";

let sandbox: TestWorld;
let real = new Date("2026-11-24T03:00:00Z");
beforeAll(async () => {
  sandbox = await startTestWorld(() => real);
});
afterAll(() => sandbox.close());

const show = async () => (await (await fetch(`${sandbox.url}/api/clock`)).json()) as PresentedClock;
const move = (body: object) => sandbox.post("/api/clock", body);

test("a new world has the real time", async () => {
  expect(await show()).toEqual({ now: "2026-11-24T03:00:00.000Z", aheadMilliseconds: 0 });
});

test("the clock goes forward by a duration and to a moment, and goes on from there as fast as the real one", async () => {
  expect((await move({ by: "P1M" })).body).toMatchObject({ now: "2026-12-24T03:00:00.000Z" });
  expect((await move({ to: "2027-01-10" })).body).toMatchObject({ now: "2027-01-09T15:00:00.000Z" });
  real = new Date(real.getTime() + dayLength);
  expect((await show()).now).toBe("2027-01-10T15:00:00.000Z");
});

test.each([
  [{ to: "2026-12-01" }, 409, "CLOCK_BACKWARDS"],
  [{ by: "P11Y" }, 422, "CLOCK_TOO_FAR"],
  [{ by: "P9999Y" }, 422, "CLOCK_TOO_FAR"],
  [{ by: "P999999D" }, 422, "CLOCK_TOO_FAR"],
  [{ by: "-P1D" }, 400, "MALFORMED"],
  [{ by: "P" }, 400, "MALFORMED"],
  [{ by: "PT" }, 400, "MALFORMED"],
  [{ by: "3" }, 400, "MALFORMED"],
  [{ to: "2028-02-30" }, 400, "MALFORMED"],
  [{ to: "2028-02-30T00:00:00Z" }, 400, "MALFORMED"],
  [{ to: "tomorrow" }, 400, "MALFORMED"],
  [{ to: "2030-01-01", by: "P1D" }, 400, "MALFORMED"],
  [{}, 400, "MALFORMED"],
])("a move %j is refused, and the clock stays", async (body, status, code) => {
  const before = await show();
  const answer = await move(body);
  expect([answer.status, codeOf(answer.body)]).toEqual([status, code]);
  expect(await show()).toEqual(before);
});

test("certificates expire, and what is issued afterwards is of that day", async () => {
  const person = await sandbox.register("default");
  const later = await move({ by: "P5Y1M" });
  const present = (await (await fetch(`${sandbox.url}/api/people/${person.id}`)).json()) as typeof person;
  expect(present.card.certificates.map(({ status }) => status)).toEqual(["expired", "expired"]);
  const renewed = await sandbox.happen(person.id, { type: "renew" });
  expect(renewed.card.certificates.map(({ status }) => status)).toEqual(["good", "good"]);
  expect(renewed.card.certificates[0]?.notBefore).toBe((later.body as PresentedClock).now);
});

test("a card in the reader stays there: sessions go by the real time", async () => {
  const { id } = await sandbox.register("default");
  const jpki = await JpkiApplication.select(await new HttpCardReader(sandbox.url).connect(id));
  await move({ by: "1y" });
  expect(await jpki.triesLeft("signature")).toBe(5);
});

test("the clock survives a restart", async () => {
  const before = sandbox.world.clock();
  const options = { dataDirectory: sandbox.directory, sandboxUrl: sandbox.url, appOrigin: "http://localhost:4002" };
  const again = await openWorld({ ...options, realClock: () => real });
  expect(again.clock()).toEqual(before);
  closeWorld(again);
});

test("years and months go by the calendar in Japan, and stay in their month", () => {
  const at = parseMoment("2024-02-29");
  expect(addDuration(at, "P1Y")).toEqual(parseMoment("2025-02-28"));
  expect(addDuration(at, "48mo")).toEqual(parseMoment("2028-02-29"));
  expect(addDuration(parseMoment("2026-01-31"), "P1M1D")).toEqual(parseMoment("2026-03-01"));
  expect(addDuration(at, "P1DT2H30M")).toEqual(parseMoment("2024-03-01T02:30"));
  expect(parseMoment("2024-02-29T09:00:00Z")).toEqual(parseMoment("2024-02-29T18:00"));
});

test("any text is a duration or refused, and a duration never goes back", () => {
  const texts = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.stringMatching(/^P?[0-9TYMWDHS]{0,12}$/),
    fc.stringMatching(/^[0-9]{1,7}(y|mo|w|d|h|min)$/),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        expect(addDuration(real, text).getTime()).toBeGreaterThanOrEqual(real.getTime());
      } catch (error) {
        expect(["MALFORMED", "CLOCK_TOO_FAR"]).toContain((error as { code: string }).code);
      }
    }),
  );
});
