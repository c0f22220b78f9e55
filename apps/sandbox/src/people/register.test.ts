import { JpkiApplication, TextApplication } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dayInJapan, dayLength } from "../calendar.ts";
import { codeOf, startTestWorld, type TestWorld } from "../test-world.ts";
import { personas } from "./personas.ts";
import type { Person } from "./present.ts";

let sandbox: TestWorld;
beforeAll(async () => {
  sandbox = await startTestWorld();
});
afterAll(() => sandbox.close());

const summary = ({ card }: Person) =>
  card.certificates.map(({ kind, status, reason }) => (reason ? `${kind} ${status} ${reason}` : `${kind} ${status}`));
const bothGood = ["signature good", "authentication good"];

test("the personas are listed with Japanese and English labels", async () => {
  const response = await fetch(`${sandbox.url}/api/personas`);
  const listed = (await response.json()) as { id: string; ja: string; en: string }[];
  expect(listed.map(({ id }) => id)).toEqual(personas.map(({ id }) => id));
  for (const { ja, en } of listed) expect(ja !== "" && en !== "").toBe(true);
});

test("an ordinary resident has two valid certificates and all tries", async () => {
  const person = await sandbox.register("default");
  expect(person).toMatchObject({ id: "hanako", name: "山田　花子", gender: "female", birthdate: "1988-03-05" });
  expect(person.address).toMatch(/^東京都清瀬市/);
  expect(summary(person)).toEqual(bothGood);
  expect(person.card.triesLeft).toEqual({ signature: 5, authentication: 3, text: 3 });
});

test("the next ordinary resident is somebody else", async () => {
  const person = await sandbox.register("default");
  expect(person.id).not.toBe("hanako");
  expect(person.name).not.toBe("山田　花子");
});

test("one-try-left has one try left, and password-blocked none", async () => {
  expect((await sandbox.register("one-try-left")).card.triesLeft).toEqual({ signature: 1, authentication: 3, text: 3 });
  const blocked = await sandbox.register("password-blocked");
  expect(blocked.card.triesLeft).toEqual({ signature: 0, authentication: 3, text: 3 });
  expect(summary(blocked)).toEqual(bothGood);
});

test("certificate-revoked has both certificates revoked", async () => {
  const reason = "revoked cessationOfOperation";
  expect(summary(await sandbox.register("certificate-revoked"))).toEqual([
    `signature ${reason}`,
    `authentication ${reason}`,
  ]);
});

test("certificate-expired has certificates that ended on a birthday not long ago", async () => {
  const person = await sandbox.register("certificate-expired");
  expect(summary(person)).toEqual(["signature expired", "authentication expired"]);
  const [certificate] = person.card.certificates;
  expect(dayInJapan(new Date(certificate!.notAfter)).slice(5)).toBe(person.birthdate.slice(5));
});

test("moved-last-week has lost the signature certificate a week ago, and kept the other", async () => {
  const person = await sandbox.register("moved-last-week");
  expect(summary(person)).toEqual(["signature revoked affiliationChanged", "authentication good"]);
  expect(person.address).toMatch(/^香川県高松市/);
});

test("moved-last-week to a given address lived elsewhere before", async () => {
  const person = await sandbox.register("moved-last-week", { address: "札幌市中央区" });
  expect(person.address).toMatch(/^北海道札幌市中央区/);
  expect(summary(person)[0]).toBe("signature revoked affiliationChanged");
});

test("renewed-today has certificates of today, and earlier ones that are superseded", async () => {
  const person = await sandbox.register("renewed-today");
  expect(summary(person)).toEqual(bothGood);
  for (const { notBefore } of person.card.certificates) {
    expect(Date.now() - Date.parse(notBefore)).toBeLessThan(60_000);
  }
});

test("under-15 has no signature certificate and no signature password", async () => {
  const person = await sandbox.register("under-15");
  expect(summary(person)).toEqual(["authentication good"]);
  expect(person.card.triesLeft.signature).toBe(0);
});

test("long-foreign-name keeps the whole name in full width", async () => {
  const { name } = await sandbox.register("long-foreign-name");
  expect(name.length).toBeGreaterThan(60);
  expect(name).toMatch(/^[\uff01-\uff5e\u3000]+$/);
});

test("external-characters has its own characters in the register and substitutes on the card", async () => {
  const person = await sandbox.register("external-characters");
  expect(person.name).toBe("髙﨑　𠮷乃");
  const session = await new HttpCardReader(sandbox.url).connect(person.id);
  const text = await TextApplication.select(session);
  await text.verifyPin("text" in person.pins ? person.pins.text : "");
  expect((await text.readAttributes()).name).toBe("高崎　吉乃");
});

test("name, birth date, sex and address can be chosen, and are written in full width", async () => {
  const details = { name: "ﾔﾏﾓﾄ Jun", birthdate: "2000-02-29", gender: "unknown", address: "渋谷区宇田川町1-1" };
  const person = await sandbox.register("default", details);
  expect(person).toMatchObject({
    name: "ヤマモト　Ｊｕｎ",
    birthdate: "2000-02-29",
    gender: "unknown",
    address: "東京都渋谷区宇田川町１－１",
  });
  expect(person.id).toMatch(/^p-[2-9a-z]{6}$/);
});

test("passwords have the form that the card wants, and open it", async () => {
  const { id, pins } = await sandbox.register("default");
  expect(pins.signature).toMatch(/^(?=.*[A-Z])(?=.*\d)[A-Z0-9]{6,16}$/);
  expect(pins.authentication).toMatch(/^\d{4}$/);
  const session = await new HttpCardReader(sandbox.url).connect(id);
  const jpki = await JpkiApplication.select(session);
  await jpki.verifyPin("signature", pins.signature);
  expect((await jpki.readCertificate("signature")).length).toBeGreaterThan(1500);
});

test.each([
  [{ persona: "nobody" }, 422, "PERSONA_UNKNOWN"],
  [{ persona: "default", birthdate: "2999-01-01" }, 422, "BIRTHDATE_UNSUITABLE"],
  [{ persona: "default", birthdate: "1990-02-30" }, 422, "BIRTHDATE_UNSUITABLE"],
  [{ persona: "under-15", birthdate: "1990-01-01" }, 422, "BIRTHDATE_UNSUITABLE"],
  [{ persona: "one-try-left", birthdate: "2020-01-01" }, 422, "BIRTHDATE_UNSUITABLE"],
  [{ persona: "default", address: "どこか市1-1" }, 422, "ADDRESS_UNSUITABLE"],
  [{ persona: "default", name: "a\u0000b" }, 422, "NAME_UNSUITABLE"],
  [{ persona: "default", name: "" }, 422, "NAME_UNSUITABLE"],
  [{ persona: "default", gender: "x" }, 400, "MALFORMED"],
  [{ persona: "default", myNumber: "123456789018" }, 400, "MALFORMED"],
  [{}, 400, "MALFORMED"],
  [[], 400, "MALFORMED"],
  ["{", 400, "MALFORMED"],
])("a registration of %j is refused", async (request, status, code) => {
  const before = (await (await fetch(`${sandbox.url}/api/people`)).json()) as Person[];
  const answer = await sandbox.post("/api/people", request);
  expect([answer.status, codeOf(answer.body)]).toEqual([status, code]);
  expect(await (await fetch(`${sandbox.url}/api/people`)).json()).toHaveLength(before.length);
});

test("the My Number of nobody is in the interface's answers", async () => {
  const text = await (await fetch(`${sandbox.url}/api/people`)).text();
  const numbers = sandbox.world.database.prepare("SELECT my_number FROM people").all() as { my_number: string }[];
  expect(numbers.length).toBeGreaterThan(10);
  for (const { my_number: number } of numbers) expect(text).not.toContain(number);
});

test("a newborn's card is not older than the child", async () => {
  const birthdate = dayInJapan(new Date(Date.now() - 3 * dayLength));
  const person = await sandbox.register("default", { birthdate });
  expect(summary(person)).toEqual(["authentication good"]);
});
