import { JpkiApplication } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, startTestWorld, type TestWorld } from "../test-world.ts";
import { personas } from "./personas.ts";
import type { Person } from "./present.ts";

let sandbox: TestWorld;
beforeAll(async () => {
  sandbox = await startTestWorld();
});
afterAll(() => sandbox.close());

const good = ["good", "good"];
const states = ({ card, phone }: Person) =>
  [...card.certificates, ...(phone?.certificates ?? [])].map(({ status, reason }) => reason ?? status);

/** What each persona is named for: standing, card, certificates of card and phone, tries of the signature password. */
const outcomes: Record<string, [Person["standing"], Person["card"]["standing"], string[], number]> = {
  default: ["resident", "valid", good, 5],
  "one-try-left": ["resident", "valid", good, 1],
  "password-blocked": ["resident", "valid", good, 0],
  "certificate-revoked": ["resident", "valid", ["cessationOfOperation", "cessationOfOperation"], 5],
  "certificate-expired": ["resident", "valid", ["expired", "expired"], 5],
  "moved-last-week": ["resident", "valid", ["affiliationChanged", "good"], 5],
  "renewed-today": ["resident", "valid", good, 5],
  "under-15": ["resident", "valid", ["good"], 0],
  "long-foreign-name": ["resident", "valid", good, 5],
  "external-characters": ["resident", "valid", good, 5],
  "expires-tomorrow": ["resident", "valid", good, 5],
  "moves-tomorrow": ["resident", "valid", good, 5],
  "turns-15-tomorrow": ["resident", "valid", ["good"], 0],
  newborn: ["resident", "none", [], 0],
  deceased: ["deceased", "void", ["cessationOfOperation", "cessationOfOperation"], 5],
  abroad: ["abroad", "valid", good, 5],
  "name-changed": ["resident", "valid", good, 5],
  "lost-card": ["resident", "suspended", ["certificateHold", "certificateHold"], 5],
  "stolen-card": ["resident", "void", ["certificateHold", "certificateHold"], 5],
  "phone-holder": ["resident", "valid", [...good, ...good], 5],
  "new-phone": ["resident", "valid", [...good, ...good], 5],
  "unknown-birth-day": ["resident", "valid", good, 5],
  "longest-address": ["resident", "valid", good, 5],
  "next-card-draft": ["resident", "valid", good, 5],
};

test.each(personas.map(({ id }) => id))("%s is what its name says, also a second time, and has a page", async (id) => {
  for (const person of [await sandbox.register(id), await sandbox.register(id)]) {
    const { standing, card } = person;
    expect([standing, card.standing, states(person), card.triesLeft.signature]).toEqual(outcomes[id]);
    for (const page of ["", "/counter"])
      expect((await fetch(`${sandbox.url}/people/${person.id}${page}`)).status).toBe(200);
  }
});

test("what is to happen tomorrow happens when the clock is moved past it", async () => {
  const future = await startTestWorld();
  try {
    const [moves, expires, turns] = [
      await future.register("moves-tomorrow"),
      await future.register("expires-tomorrow"),
      await future.register("turns-15-tomorrow"),
    ];
    const early = await future.post(`/api/people/${turns.id}/events`, { type: "reissue-signature" });
    expect(codeOf(early.body)).toBe("UNDER_SIGNATURE_AGE");
    const renewal = await future.post(`/api/people/${expires.id}/events`, { type: "renew", at: "2999-01-01" });
    expect(renewal.status).toBe(202);
    await future.post("/api/clock", { by: "P2D" });
    const now = async ({ id }: Person) => (await (await fetch(`${future.url}/api/people/${id}`)).json()) as Person;
    expect(states(await now(moves))).toEqual(["affiliationChanged", "good"]);
    expect(states(await now(expires))).toEqual(["expired", "expired"]);
    expect(states(await future.happen(turns.id, { type: "reissue-signature" }))).toEqual(good);
  } finally {
    future.close();
  }
});

test("the longest address has two hundred characters, and the unknown birth day is written 00", async () => {
  expect((await sandbox.register("longest-address")).address).toHaveLength(200);
  expect((await sandbox.register("unknown-birth-day")).birthdate).toBe("1941-05-00");
});

test("a phone is laid on the reader like a card, and opens with its own certificates", async () => {
  const person = await sandbox.register("new-phone");
  const jpki = await JpkiApplication.select(await new HttpCardReader(sandbox.url).connect(`${person.id}.phone`));
  await jpki.verifyPin("signature", person.pins.signature);
  expect((await jpki.readCertificate("signature")).length).toBeGreaterThan(1000);
  await expect(new HttpCardReader(sandbox.url).connect("hanako.phone")).rejects.toThrow();
});

test("own residents come from a file, with a past and a future, and all of them or none", async () => {
  const file = [
    {
      id: "taro",
      name: "試験　太郎",
      birthdate: "1980-01-01",
      address: "高松市",
      pins: { signature: "TEST1234", authentication: "1234", text: "5678" },
    },
    { persona: "under-15" },
    {
      id: "jiro",
      issuedDaysAgo: 100,
      past: [
        { daysAgo: 50, type: "marriage", familyName: "新田" },
        { daysAgo: 40, type: "reissue-signature" },
      ],
      planned: [{ inDays: 10, type: "lose-card" }],
    },
  ];
  const { status, body } = await sandbox.post("/api/people/file", file);
  expect(status).toBe(201);
  expect(body).toMatchObject([
    { id: "taro", pins: { signature: "TEST1234" } },
    { persona: "under-15" },
    { id: "jiro", name: expect.stringMatching(/^新田　/), planned: [{ type: "lose-card" }] },
  ]);
});

test.each([
  ["no JSON", '[\n  {"id": "a1"},\n  {"id" "a2"}\n]', "MALFORMED", /^line 3: not JSON/],
  ["no array", "{}", "MALFORMED", /^line 1: an array/],
  ["a resident that is none", '[\n  {"id": "a1"},\n  7\n]', "MALFORMED", /^line 3, \[1\]: /],
  [
    "an unknown field",
    '[\n  {"id": "a1"},\n  {\n    "myNumber": "1"\n  }\n]',
    "MALFORMED",
    /^line 3, \[1\]: .*myNumber/,
  ],
  ["a wrong value", '[\n  {\n    "gender": "x"\n  }\n]', "MALFORMED", /^line 3, \[0\]\.gender: /],
  [
    "an unknown event",
    '[\n  {\n    "past": [\n      {"daysAgo": 1, "type": "fly"}\n    ]\n  }\n]',
    "MALFORMED",
    /^line 4, \[0\]\.past\[0\]\.type: /,
  ],
  [
    "an event without its day",
    '[\n  {\n    "past": [\n      {"type": "move"}\n    ]\n  }\n]',
    "MALFORMED",
    /^line 4, \[0\]\.past\[0\]\.daysAgo: /,
  ],
  [
    "a wrong birth date",
    '[\n  {"id": "a1"},\n  {\n    "id": "a2",\n    "birthdate": "1990-02-30"\n  }\n]',
    "BIRTHDATE_UNSUITABLE",
    /^line 5, \[1\]\.birthdate: /,
  ],
  ["an unknown persona", '[\n  {\n    "persona": "ghost"\n  }\n]', "PERSONA_UNKNOWN", /^line 3, \[0\]\.persona: /],
  ["one id twice", '[\n  {"id": "a1"},\n  {"id": "a1"}\n]', "ID_TAKEN", /^line 3, \[1\]\.id: /],
  [
    "an event before the card",
    '[\n  {"issuedDaysAgo": 10, "past": [{"daysAgo": 20, "type": "move"}]}\n]',
    "DATE_UNSUITABLE",
    /^line 2, \[0\]: /,
  ],
  [
    "an impossible past",
    '[\n  {"past": [{"daysAgo": 20, "type": "find-card"}]}\n]',
    "CARD_NOT_LOST",
    /^line 2, \[0\]: /,
  ],
])("a file with %s is refused with line and field, and nobody is registered", async (_, text, code, detail) => {
  const count = async () => ((await (await fetch(`${sandbox.url}/api/people`)).json()) as Person[]).length;
  const before = await count();
  const { body } = await sandbox.post("/api/people/file", text);
  expect(codeOf(body)).toBe(code);
  expect((body as { detail: string }).detail).toMatch(detail);
  expect(await count()).toBe(before);
});
