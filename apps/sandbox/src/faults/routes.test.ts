import { exportJWK, generateKeyPair } from "jose";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Person } from "../people/present.ts";
import { codeOf, startTestWorld, type TestWorld } from "../test-world.ts";
import { openWorld } from "../world.ts";
import { Faults } from "./faults.ts";

let sandbox: TestWorld;
let now = new Date("2026-11-24T00:00:00Z");
let person: Person;
let verifier: string;
beforeAll(async () => {
  sandbox = await startTestWorld(() => now);
  person = await sandbox.register("default");
  const jwk = await exportJWK((await generateKeyPair("ES256")).publicKey);
  const { body } = await sandbox.post("/jlis/v1/verifiers", { name: "bank", jwk });
  verifier = (body as { verifierId: string }).verifierId;
});
afterEach(() => clear());
afterAll(() => sandbox.close());

const set = (fault: object) => sandbox.post("/api/faults", fault);
const list = async () => (await fetch(`${sandbox.url}/api/faults`)).json();
const clear = async (query = "") => {
  const response = await fetch(`${sandbox.url}/api/faults${query}`, { method: "DELETE" });
  return { status: response.status, body: (await response.json()) as { cleared: number } };
};

test("no fault is switched on in a new world", async () => {
  expect(await list()).toEqual([]);
});

test("who can have a fault of their own is listed with id and name", async () => {
  const response = await fetch(`${sandbox.url}/api/verifiers`);
  expect(await response.json()).toEqual([{ id: verifier, name: "bank" }]);
});

test("a fault is listed as it works: for whom, how often and until when", async () => {
  const answer = await set({ kind: "jlis-slow", verifier, count: 3, expiresInSeconds: 60 });
  const fault = {
    ...{ kind: "jlis-slow", verifier, seconds: 2, count: 3 },
    ...{ setAt: "2026-11-24T00:00:00.000Z", expiresAt: "2026-11-24T00:01:00.000Z" },
  };
  expect(answer).toEqual({ status: 201, body: fault });
  expect(await list()).toEqual([fault]);
});

test("the same kind for the same one again takes the place of the first; for another one it stands beside it", async () => {
  await set({ kind: "clock-skew", seconds: 60 });
  await set({ kind: "clock-skew", seconds: -60 });
  await set({ kind: "clock-skew", verifier, seconds: 5 });
  expect(await list()).toMatchObject([{ seconds: -60 }, { verifier, seconds: 5 }]);
});

test("everything is cleared by one call, or what is of one kind, one verifier or one resident", async () => {
  const faults = [
    { kind: "jlis-down" },
    { kind: "jlis-down", verifier },
    { kind: "ocsp-down", verifier },
    { kind: "card-torn", person: person.id, apdu: 1 },
  ];
  for (const [query, left] of [
    ["", []],
    ["?kind=jlis-down", [faults[2], faults[3]]],
    [`?verifier=${verifier}`, [faults[0], faults[3]]],
    [`?person=${person.id}`, faults.slice(0, 3)],
    ["?everyone=true", [faults[1], faults[2], faults[3]]],
    ["?kind=jlis-down&everyone=true", [faults[1], faults[2], faults[3]]],
    [`?kind=jlis-down&verifier=${verifier}`, [faults[0], faults[2], faults[3]]],
  ] as const) {
    for (const fault of faults) await set(fault);
    expect((await clear(query)).body.cleared).toBe(faults.length - left.length);
    expect(await list()).toMatchObject(left);
    await clear();
  }
});

test("clearing what is not there does no harm, and a word that nobody knows clears nothing", async () => {
  expect(await clear()).toEqual({ status: 200, body: { cleared: 0 } });
  await set({ kind: "jlis-down" });
  for (const query of ["?kind=weather", "?who=me", "?everyone=no"]) expect((await clear(query)).status).toBe(400);
  expect(await list()).toHaveLength(1);
});

test.each<[object, number, string]>([
  [{}, 400, "MALFORMED"],
  [{ kind: "weather" }, 400, "MALFORMED"],
  [{ kind: "jlis-down", person: "hanako" }, 400, "MALFORMED"],
  [{ kind: "card-torn", apdu: 1, verifier: "x" }, 400, "MALFORMED"],
  [{ kind: "card-torn" }, 400, "MALFORMED"],
  [{ kind: "card-torn", apdu: 0 }, 400, "MALFORMED"],
  [{ kind: "jlis-slow", seconds: 0 }, 400, "MALFORMED"],
  [{ kind: "jlis-late", seconds: 301 }, 400, "MALFORMED"],
  [{ kind: "clock-skew", seconds: 90_000 }, 400, "MALFORMED"],
  [{ kind: "jlis-down", count: 0 }, 400, "MALFORMED"],
  [{ kind: "jlis-down", expiresInSeconds: -1 }, 400, "MALFORMED"],
  [{ kind: "jlis-down", seconds: 1 }, 400, "MALFORMED"],
  [{ kind: "card-torn", apdu: 1, person: "nobody" }, 404, "PERSON_NOT_FOUND"],
  [{ kind: "jlis-down", verifier: "nobody" }, 404, "VERIFIER_NOT_FOUND"],
])("the fault %j is refused", async (fault, status, code) => {
  const answer = await set(fault);
  expect([answer.status, codeOf(answer.body)]).toEqual([status, code]);
  expect(await list()).toEqual([]);
});

test("another site's page switches nothing", async () => {
  const answer = await sandbox.post("/api/faults", { kind: "jlis-down" }, { origin: "http://evil.example" });
  expect([answer.status, codeOf(answer.body)]).toEqual([403, "ORIGIN_REFUSED"]);
});

test("a verifier's own fault comes before everyone's, and each is counted for itself", () => {
  const { faults } = sandbox.world;
  faults.set({ kind: "jlis-slow", seconds: 1, count: 1 });
  faults.set({ kind: "jlis-slow", seconds: 2, verifier, count: 1 });
  const taken = Array.from({ length: 3 }, () => faults.take("jlis-slow", { verifier })?.seconds);
  expect(taken).toEqual([2, 1, undefined]);
  expect(faults.list()).toEqual([]);
});

test("somebody else meets neither a verifier's nor a resident's fault", () => {
  const { faults } = sandbox.world;
  faults.set({ kind: "jlis-down", verifier });
  faults.set({ kind: "card-torn", apdu: 1, carriedOut: false, person: person.id });
  for (const whom of [{}, { verifier: "another" }]) expect(faults.take("jlis-down", whom)).toBeUndefined();
  expect(faults.take("card-torn", { person: "another" })).toBeUndefined();
});

test("a fault ends at its time, and everyone's goes on behind it", () => {
  const { faults } = sandbox.world;
  const before = now;
  faults.set({ kind: "jlis-slow", seconds: 1 });
  faults.set({ kind: "jlis-slow", seconds: 2, verifier, expiresInSeconds: 60 });
  now = new Date(before.getTime() + 59_999);
  expect(faults.take("jlis-slow", { verifier })?.seconds).toBe(2);
  now = new Date(before.getTime() + 60_000);
  expect(faults.take("jlis-slow", { verifier })?.seconds).toBe(1);
  expect(faults.list()).toHaveLength(1);
  now = before;
});

test("faults outlast a restart, with what is left of their count", async () => {
  const { faults } = sandbox.world;
  faults.set({ kind: "ocsp-down", count: 3, verifier });
  faults.set({ kind: "card-torn", apdu: 7, carriedOut: true, expiresInSeconds: 60 });
  faults.take("ocsp-down", { verifier });
  const { database, sandboxUrl, appOrigin } = sandbox.world;
  expect(new Faults(database, () => now).list()).toEqual(faults.list());
  const again = await openWorld({ dataDirectory: sandbox.directory, sandboxUrl, appOrigin, realClock: () => now });
  expect(again.faults.list()).toMatchObject([
    { count: 2, verifier },
    { apdu: 7, carriedOut: true },
  ]);
  again.database.close();
});

test("there is room for a thousand faults, and for changes among them", () => {
  const { faults } = sandbox.world;
  for (let index = 0; index < 1000; index++) faults.set({ kind: "jlis-down", verifier: `v${index}` });
  expect(() => faults.set({ kind: "jlis-down" })).toThrow(expect.objectContaining({ code: "FULL" }));
  faults.set({ kind: "jlis-down", verifier: "v7", count: 1 });
  expect(faults.list()).toHaveLength(1000);
});
