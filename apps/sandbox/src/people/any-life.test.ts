import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { certificatesOfPerson } from "../store/certificates.ts";
import { codeOf, startTestWorld, type TestWorld } from "../test-world.ts";
import { lifeEvents } from "./life-events.ts";
import type { Person } from "./present.ts";
import type { TimelineEntry } from "./timeline.ts";

let sandbox: TestWorld;
beforeAll(async () => {
  sandbox = await startTestWorld();
});
afterAll(() => sandbox.close());

const get = async <T>(path: string) => (await (await fetch(sandbox.url + path)).json()) as T;
const required: Record<string, object> = { "name-change": { name: "別名　太郎" }, correction: { gender: "male" } };

/** What holds of everybody, whatever has happened to them. */
async function check(person: Person): Promise<void> {
  const { id, standing, card } = person;
  const certificates = certificatesOfPerson(sandbox.world.database, id);
  const live = certificates.filter(
    ({ held, revocation, notAfter }) => held && !revocation && notAfter > sandbox.world.clock(),
  );
  const cardGone = card.standing === "void" || card.standing === "suspended" || card.standing === "none";
  if (standing === "deceased" || cardGone) expect(live).toEqual([]);
  // Nothing that is not on the card or phone any more is valid, and nothing on the phone outlives its like on the card.
  for (const { held, revocation, notAfter } of certificates) {
    expect(held || revocation !== undefined || notAfter < sandbox.world.clock()).toBe(true);
  }
  for (const { kind, medium } of live) {
    if (medium === "phone") expect(live.some((other) => other.medium === "card" && other.kind === kind)).toBe(true);
  }
  const serials = (await get<TimelineEntry[]>(`/api/people/${id}/timeline`)).flatMap(({ issued }) =>
    issued.map(({ kind, serial }) => kind + serial),
  );
  expect(new Set(serials).size).toBe(serials.length);
  expect(serials).toHaveLength(certificates.length);
}

test("in any life every event happens or is refused for a reason, and certificates fit register, card and phone", async () => {
  const type = fc.constantFrom(...lifeEvents.map((event) => event.type));
  const step = fc.oneof({ weight: 9, arbitrary: type }, { weight: 1, arbitrary: fc.constant("a month passes") });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("phone-holder", "phone-holder", "default", "under-15", "newborn"),
      fc.array(step, { maxLength: 12 }),
      async (persona, steps) => {
        const { id } = await sandbox.register(persona);
        for (const one of steps) {
          const { status, body } =
            one === "a month passes"
              ? await sandbox.post("/api/clock", { by: "P30D" })
              : await sandbox.post(`/api/people/${id}/events`, { type: one, ...required[one] });
          if (status !== 200) expect([status, codeOf(body)]).toEqual([409, expect.any(String)]);
          await check(await get<Person>(`/api/people/${id}`));
        }
      },
    ),
    { numRuns: 20 },
  );
}, 60_000);
