import { afterAll, beforeAll, expect, test } from "vitest";
import type { PresentedClock } from "../clock/routes.ts";
import { firstPlanned } from "../store/life-events.ts";
import { codeOf, startTestWorld, type TestWorld } from "../test-world.ts";
import type { Person } from "./present.ts";
import type { TimelineEntry } from "./timeline.ts";

let sandbox: TestWorld;
let real = new Date("2026-11-24T03:00:00Z");
beforeAll(async () => {
  sandbox = await startTestWorld(() => real);
});
afterAll(() => sandbox.close());

const get = async <T>(path: string) => (await (await fetch(sandbox.url + path)).json()) as T;
const timeline = (id: string) => get<TimelineEntry[]>(`/api/people/${id}/timeline`);
const advance = async (by: string) => (await sandbox.post("/api/clock", { by })).body as PresentedClock;
const plan = async (id: string, at: string, event: object) => {
  const { status, body } = await sandbox.post(`/api/people/${id}/events`, { ...event, at });
  expect(status).toBe(202);
  return (body as Person).planned;
};
const cancel = (id: string, event: number) =>
  fetch(`${sandbox.url}/api/people/${id}/events/${event}`, { method: "DELETE" });

test("events of several people happen in the order of their dates, whatever the order of planning, each on its day", async () => {
  const [one, other] = [await sandbox.register("default"), await sandbox.register("default")];
  await plan(one.id, "2026-12-20", { type: "move", address: "札幌市中央区" });
  await plan(other.id, "2026-12-10", { type: "lose-card" });
  await plan(one.id, "2026-12-05", { type: "move", address: "高松市" });
  await plan(other.id, "2026-12-15", { type: "find-card" });
  expect(await advance("P1M")).toMatchObject({ now: "2026-12-24T03:00:00.000Z" });
  const moves = (await timeline(one.id)).filter(({ type }) => type === "move");
  expect(moves.map(({ at, state }) => [at, state])).toEqual([
    ["2026-12-04T15:00:00.000Z", "done"],
    ["2026-12-19T15:00:00.000Z", "done"],
  ]);
  expect(moves[1]!.changes.address!.from).toMatch(/^香川県高松市/);
  const found = await get<Person>(`/api/people/${other.id}`);
  expect([found.card.standing, found.planned]).toEqual(["valid", []]);
  for (const { notBefore } of found.card.certificates) expect(notBefore).toBe("2026-12-14T15:00:00.000Z");
});

test("an event that is not possible any more says why, and those after it happen", async () => {
  const { id } = await sandbox.register("default");
  await plan(id, "2027-01-01", { type: "death" });
  await plan(id, "2027-01-02", { type: "move" });
  const { id: other } = await sandbox.register("default");
  await plan(other, "2027-01-03", { type: "return-card" });
  await advance("P1M");
  const [death, move] = (await timeline(id)).slice(-2);
  expect([death!.state, move!.state, move!.failure?.code]).toEqual(["done", "failed", "RESIDENT_DECEASED"]);
  expect((await get<Person>(`/api/people/${other}`)).card.standing).toBe("void");
});

test("a planned event can be cancelled once, and then does not happen", async () => {
  const { id } = await sandbox.register("default");
  const [planned] = await plan(id, "2027-03-01", { type: "death" });
  expect((await cancel("hanako", planned!.id)).status).toBe(404);
  expect((await cancel(id, planned!.id)).status).toBe(204);
  expect(codeOf(await (await cancel(id, planned!.id)).json())).toBe("EVENT_NOT_PENDING");
  expect(codeOf(await (await cancel(id, 999_999)).json())).toBe("EVENT_NOT_FOUND");
  await advance("P3M");
  expect((await get<Person>(`/api/people/${id}`)).standing).toBe("resident");
  expect((await timeline(id)).at(-1)).toMatchObject({ type: "death", state: "cancelled" });
});

test("without anybody moving the clock, an event happens when its time has come", async () => {
  const { id } = await sandbox.register("default");
  const at = new Date(sandbox.world.clock().getTime() + 3_600_000);
  await plan(id, at.toISOString(), { type: "move" });
  real = new Date(real.getTime() + 3_600_000);
  await sandbox.world.schedule.catchUp();
  expect((await timeline(id)).at(-1)).toMatchObject({ type: "move", state: "done" });
});

test("over years, certificates expire between the events, and the calendar stands in the timeline", async () => {
  const { id } = await sandbox.register("under-15");
  const now = sandbox.world.clock();
  await plan(id, `${now.getUTCFullYear() + 6}-01-10`, { type: "new-card" });
  await advance("P8Y");
  const types = (await timeline(id)).map(({ type }) => type);
  expect(types).toContain("fifteenth-birthday");
  expect(types).toContain("new-card");
  const person = await get<Person>(`/api/people/${id}`);
  expect(person.card.certificates.map(({ kind, status }) => [kind, status])).toEqual([["authentication", "good"]]);
});

test("what happens at once comes after what was due before", async () => {
  const { id } = await sandbox.register("default");
  await plan(id, new Date(sandbox.world.clock().getTime() + 60_000).toISOString(), { type: "lose-card" });
  real = new Date(real.getTime() + 120_000);
  const person = await sandbox.happen(id, { type: "find-card" });
  expect(person.card.standing).toBe("valid");
});

test("while the clock moves, nobody sees a time at which something due has not happened, and a late cancellation counts", async () => {
  const { id } = await sandbox.register("default");
  const start = sandbox.world.clock().getTime();
  const days = [10, 20, 30].map((day) => new Date(Math.floor(start / 1000) * 1000 + day * 86_400_000).toISOString());
  let planned: Person["planned"] = [];
  for (const at of days) planned = await plan(id, at, { type: "reissue-certificates" });
  const last = planned.at(-1)!;
  let arrived = false;
  const moving = sandbox.world.schedule.moveClock(new Date(start + 40 * 86_400_000)).then(() => {
    arrived = true;
  });
  const seen = new Set<number>();
  while (!arrived) {
    const due = firstPlanned(sandbox.world.database);
    if (due) {
      expect(due.at.getTime()).toBeGreaterThan(sandbox.world.clock().getTime());
      seen.add(due.id);
      // Its keys are being made now.
      if (due.id === last.id) sandbox.world.schedule.cancel(id, last.id);
    }
    await new Promise(setImmediate);
  }
  await moving;
  expect(seen).toEqual(new Set(planned.map((event) => event.id)));
  const states = (await timeline(id)).filter(({ type }) => type === "reissue-certificates").map(({ state }) => state);
  expect(states).toEqual(["done", "done", "cancelled"]);
});
