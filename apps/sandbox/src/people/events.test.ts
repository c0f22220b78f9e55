import { X509Certificate } from "node:crypto";
import { JpkiApplication, TextApplication } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dayInJapan, dayLength } from "../calendar.ts";
import { readMyNumber } from "../store/people.ts";
import { codeOf, startTestWorld, type TestWorld } from "../test-world.ts";
import { lifeEvents } from "./life-events.ts";
import type { Person } from "./present.ts";
import type { PresentedDefinition } from "./present-definition.ts";
import type { TimelineEntry } from "./timeline.ts";

let sandbox: TestWorld;
beforeAll(async () => {
  sandbox = await startTestWorld();
});
afterAll(() => sandbox.close());

const get = async <T>(path: string) => (await (await fetch(sandbox.url + path)).json()) as T;
const timeline = (id: string) => get<TimelineEntry[]>(`/api/people/${id}/timeline`);
const latest = async (id: string) => (await timeline(id)).at(-1)!;
const statuses = ({ card, phone }: Person) =>
  [...card.certificates, ...(phone?.certificates ?? [])].map(({ status, reason }) => reason ?? status);
const refusal = async (id: string, event: object) =>
  codeOf((await sandbox.post(`/api/people/${id}/events`, event)).body);

/** A resident who has lived through these events. */
async function after(...events: { type: string; [field: string]: string }[]): Promise<Person> {
  let person = await sandbox.register("default");
  for (const event of events) person = await sandbox.happen(person.id, event);
  return person;
}

test("the events are listed with their fields, in both languages", async () => {
  const listed = await get<PresentedDefinition[]>("/api/event-types");
  expect(listed.map(({ type }) => type)).toEqual(lifeEvents.map(({ type }) => type));
  expect(new Set(lifeEvents.map(({ type }) => type)).size).toBe(lifeEvents.length);
  for (const { ja, en, about, fields } of listed) {
    expect([ja, en, about.ja, about.en, ...fields.flatMap((field) => [field.ja, field.en])]).not.toContain("");
  }
});

const both = { type: "get-phone" };
const good = ["good", "good"];
test.each<[string, { type: string; [field: string]: string }[], string[]]>([
  ["a move ends what names the address", [{ type: "move" }], ["affiliationChanged", "good"]],
  [
    "so does one on the phone, too",
    [both, { type: "move" }],
    ["affiliationChanged", "good", "affiliationChanged", "good"],
  ],
  ["abroad with the card", [{ type: "move-abroad" }], ["affiliationChanged", "good"]],
  ["abroad without it", [{ type: "move-abroad", card: "return" }], ["cessationOfOperation", "cessationOfOperation"]],
  ["a marriage", [{ type: "marriage" }], ["affiliationChanged", "good"]],
  ["a change of name", [{ type: "name-change", name: "新名　花子" }], ["affiliationChanged", "good"]],
  ["a corrected sex", [{ type: "correction", gender: "unknown" }], ["affiliationChanged", "good"]],
  ["a corrected reading", [{ type: "correction", kana: "ベツ　ノヨミ" }], good],
  ["a certificate that was wrong", [{ type: "record-error" }], ["affiliationChanged", "good"]],
  ["a birth", [{ type: "birth" }], good],
  ["a death", [both, { type: "death" }], Array(4).fill("cessationOfOperation")],
  ["a loss", [both, { type: "lose-card" }], Array(4).fill("certificateHold")],
  ["a loss and a find", [{ type: "lose-card" }, { type: "find-card" }], good],
  ["a theft", [{ type: "theft" }], ["certificateHold", "certificateHold"]],
  ["a theft and a new card", [{ type: "theft" }, { type: "new-card" }], good],
  ["a returned card", [{ type: "return-card" }], ["cessationOfOperation", "cessationOfOperation"]],
  ["a new My Number", [{ type: "my-number-change" }], ["cessationOfOperation", "cessationOfOperation"]],
  ["reissued certificates", [{ type: "reissue-certificates" }], good],
  ["a phone", [both], ["good", "good", "good", "good"]],
  ["a changed phone", [both, { type: "change-phone", model: "iphone" }], ["good", "good", "good", "good"]],
  ["a lost phone", [both, { type: "lose-phone" }], ["good", "good", "certificateHold", "certificateHold"]],
  [
    "revocation on the phone only",
    [both, { type: "revoke", medium: "phone" }],
    ["good", "good", ...Array(2).fill("cessationOfOperation")],
  ],
  [
    "revocation on the card takes the phone along",
    [both, { type: "revoke", kind: "signature" }],
    ["cessationOfOperation", "good", "cessationOfOperation", "good"],
  ],
])("%s: certificates", async (_, events, expected) => {
  expect(statuses(await after(...events))).toEqual(expected);
});

const dead = { type: "death" };
const lost = { type: "lose-card" };
const stolen = { type: "theft" };
const abroad = { type: "move-abroad" };
test.each<[string, { type: string; [field: string]: string }[], { type: string; [field: string]: string }, string]>([
  ["the dead do not move", [dead], { type: "move" }, "RESIDENT_DECEASED"],
  ["the dead do not die again", [dead], dead, "RESIDENT_DECEASED"],
  ["who lives abroad does not move house", [abroad], { type: "move" }, "RESIDENT_ABROAD"],
  ["nor emigrates again", [abroad], abroad, "RESIDENT_ABROAD"],
  ["who lives in Japan does not return", [], { type: "return" }, "NOT_ABROAD"],
  [
    "a name that stays the same",
    [{ type: "name-change", name: "新名　花子" }],
    { type: "name-change", name: "新名　花子" },
    "NOTHING_CHANGES",
  ],
  ["a correction of nothing", [], { type: "correction" }, "NOTHING_CHANGES"],
  ["a birth date in the future", [], { type: "correction", birthdate: "2999-01-01" }, "BIRTHDATE_UNSUITABLE"],
  ["a renewal years before the end", [], { type: "renew" }, "TOO_EARLY"],
  ["a renewal of a lost card's certificates", [lost], { type: "renew" }, "CARD_SUSPENDED"],
  ["a renewal of a stolen card's certificates", [stolen], { type: "renew" }, "CARD_VOID"],
  ["a loss of a lost card", [lost], lost, "CARD_SUSPENDED"],
  ["a find of what was not lost", [], { type: "find-card" }, "CARD_NOT_LOST"],
  ["a find of what was stolen", [stolen], { type: "find-card" }, "CARD_NOT_LOST"],
  ["a first card for who has one", [], { type: "card-issue" }, "CARD_PRESENT"],
  ["two phones", [both], both, "PHONE_PRESENT"],
  ["a phone without a signature certificate", [{ type: "move" }], both, "SIGNATURE_NOT_VALID"],
  ["a change of phones without one", [], { type: "change-phone" }, "PHONE_ABSENT"],
  ["a loss of a phone without one", [], { type: "lose-phone" }, "PHONE_ABSENT"],
  [
    "a certificate that was wrong, when there is none",
    [{ type: "move" }],
    { type: "record-error" },
    "NOTHING_TO_REVOKE",
  ],
  ["a PIN of letters", [], { type: "reset-pins", authentication: "abcd" }, "MALFORMED"],
  ["a field of another event", [], { type: "death", address: "高松市" }, "MALFORMED"],
])("%s is refused, and changes nothing", async (_, events, event, code) => {
  const { id } = await after(...events);
  const before = await get(`/api/people/${id}`);
  expect(await refusal(id, event)).toBe(code);
  expect(await get(`/api/people/${id}`)).toEqual(before);
});

test("children neither marry nor have children nor a phone", async () => {
  const { id } = await sandbox.register("under-15");
  expect(await refusal(id, { type: "marriage" })).toBe("AGE_UNSUITABLE");
  expect(await refusal(id, { type: "birth" })).toBe("AGE_UNSUITABLE");
  expect(await refusal(id, { type: "get-phone" })).toBe("UNDER_SIGNATURE_AGE");
});

test("a newborn has a My Number and no card until one is issued, with an authentication certificate only", async () => {
  const parent = await after({ type: "birth", name: "みらい", gender: "female" });
  const { child: id } = await latest(parent.id);
  const child = await get<Person>(`/api/people/${id}`);
  expect(child).toMatchObject({
    name: `${parent.name.split("　")[0]}　みらい`,
    address: parent.address,
    birthdate: dayInJapan(new Date()),
    card: { standing: "none", certificates: [], triesLeft: { signature: 0, authentication: 0, text: 0 } },
  });
  expect(readMyNumber(sandbox.world.database, child.id)).toMatch(/^99990\d{7}$/);
  expect(await refusal(child.id, { type: "new-card" })).toBe("CARD_ABSENT");
  expect(await refusal(child.id, { type: "renew" })).toBe("CARD_ABSENT");
  await expect(new HttpCardReader(sandbox.url).connect(child.id)).rejects.toThrow();
  const carded = await sandbox.happen(child.id, { type: "card-issue" });
  expect(carded.card.certificates.map(({ kind, status }) => [kind, status])).toEqual([["authentication", "good"]]);
  expect(Number(carded.card.expiry?.slice(0, 4))).toBe(new Date().getUTCFullYear() + 5);
});

test("a marriage changes register and card, and a new signature certificate has the new name", async () => {
  const married = await after({ type: "marriage", familyName: "婚姻", familyKana: "コンイン" });
  expect(married.name).toMatch(/^婚姻　/);
  expect(married.kana).toMatch(/^コンイン　/);
  const text = await TextApplication.select(await new HttpCardReader(sandbox.url).connect(married.id));
  await text.verifyPin(married.pins.text);
  expect((await text.readAttributes()).name).toBe(married.name);
});

test("abroad the address is no address in Japan, certificates can be had there, and a return ends them", async () => {
  const gone = await after(abroad, { type: "reissue-signature" });
  expect([gone.standing, statuses(gone)]).toEqual(["abroad", good]);
  expect(gone.address).toMatch(/^国外転出者/);
  const back = await sandbox.happen(gone.id, { type: "return", address: "高松市" });
  expect([back.standing, statuses(back)]).toEqual(["resident", ["affiliationChanged", "good"]]);
  expect(back.address).toMatch(/^香川県高松市/);
});

test("a card that is lost does not follow the register, and does again when it is found", async () => {
  const person = await after(lost, { type: "move", address: "高松市" });
  const read = async () => {
    const text = await TextApplication.select(await new HttpCardReader(sandbox.url).connect(person.id));
    await text.verifyPin(person.pins.text);
    return (await text.readAttributes()).address;
  };
  expect(await read()).not.toBe(person.address);
  await sandbox.happen(person.id, { type: "find-card" });
  expect(await read()).toBe(person.address);
});

test("a hold is never released: what is found gets new serial numbers", async () => {
  const before = await after(lost);
  const found = await sandbox.happen(before.id, { type: "find-card" });
  const { issued } = await latest(before.id);
  expect(issued.map(({ replaces }) => replaces)).toEqual(before.card.certificates.map(({ serial }) => serial));
  expect(found.card.certificates.map(({ serial }) => serial)).toEqual(issued.map(({ serial }) => serial));
});

test("no certificate outlives its card", async () => {
  const { id } = await sandbox.register("under-15");
  const person = await sandbox.happen(id, { type: "new-card" });
  for (const { notAfter } of person.card.certificates)
    expect(dayInJapan(new Date(notAfter)) <= person.card.expiry!).toBe(true);
});

test("a PIN is reset to a new value, which opens the card and stands in no timeline", async () => {
  const person = await after({ type: "reset-pins", signature: "NEWPASS99" });
  expect(person.pins.signature).toBe("NEWPASS99");
  const jpki = await JpkiApplication.select(await new HttpCardReader(sandbox.url).connect(person.id));
  await jpki.verifyPin("signature", "NEWPASS99");
  expect(JSON.stringify(await timeline(person.id))).not.toContain("NEWPASS99");
});

test("a new My Number is another one of the range, on the next card, and in no timeline", async () => {
  const person = await sandbox.register("default");
  const before = readMyNumber(sandbox.world.database, person.id);
  await sandbox.happen(person.id, { type: "my-number-change" });
  const number = readMyNumber(sandbox.world.database, person.id);
  expect(number).not.toBe(before);
  await sandbox.happen(person.id, { type: "new-card" });
  const text = await TextApplication.select(await new HttpCardReader(sandbox.url).connect(person.id));
  await text.verifyPin(person.pins.text);
  expect(await text.readMyNumber()).toBe(number);
  for (const one of [before, number]) expect(JSON.stringify(await timeline(person.id))).not.toContain(one);
});

test("the timeline tells what changed, which certificates, why, and who was told", async () => {
  const before = await sandbox.register("default");
  const moved = await sandbox.happen(before.id, { type: "move", address: "札幌市中央区" });
  const [first, last] = [(await timeline(before.id))[0]!, await latest(before.id)];
  expect(first).toMatchObject({ type: "card-issue", state: "done", changes: { card: { from: "none", to: "valid" } } });
  expect(first.issued.map(({ kind, medium, replaces }) => [kind, medium, replaces])).toEqual([
    ["signature", "card", null],
    ["authentication", "card", null],
  ]);
  expect(last).toMatchObject({
    type: "move",
    input: { address: "札幌市中央区" },
    changes: { address: { from: before.address, to: moved.address } },
    revoked: [
      { kind: "signature", medium: "card", serial: before.card.certificates[0]!.serial, reason: "affiliationChanged" },
    ],
    told: ["city-office", "resident-network", "signature-authority", "former-city-office"],
  });
});

test("a phone has keys and serial numbers of its own, and its certificate names the same person", async () => {
  const person = await after(both);
  const serials = [...person.card.certificates, ...person.phone!.certificates].map(({ serial }) => serial);
  expect(new Set(serials).size).toBe(4);
  const names = sandbox.world.database
    .prepare("SELECT der FROM certificates WHERE person_id = ? AND kind = 'signature' AND held = 1")
    .all(person.id)
    .map(({ der }) => new X509Certificate(der as Uint8Array).subject.split("\n").slice(0, 3).join());
  expect(names[0]).toBe(names[1]);
});

test("an event in the past is refused, and one in the future is planned", async () => {
  const { id } = await sandbox.register("default");
  expect(await refusal(id, { type: "death", at: "2020-01-01" })).toBe("DATE_UNSUITABLE");
  expect(await refusal(id, { type: "death", at: "soon" })).toBe("MALFORMED");
  const at = new Date(Math.floor(Date.now() / 1000) * 1000 + 2 * dayLength).toISOString();
  const planned = await sandbox.post(`/api/people/${id}/events`, { type: "death", at });
  expect(planned).toMatchObject({ status: 202, body: { standing: "resident", planned: [{ type: "death", at }] } });
});
