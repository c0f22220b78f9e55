import { verify, X509Certificate } from "node:crypto";
import { JpkiApplication } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import { transportContract } from "@xid/card/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Person } from "../people/present.ts";
import { codeOf, startTestWorld, type TestWorld } from "../test-world.ts";

let now = new Date();
let sandbox: TestWorld;
let reader: HttpCardReader;
let person: Person;
beforeAll(async () => {
  sandbox = await startTestWorld(() => now);
  reader = new HttpCardReader(sandbox.url);
  person = await sandbox.register("default");
});
afterAll(() => sandbox.close());

const emptyVerify = { apdu: "00200080" };
const connect = async () =>
  (await sandbox.post(`/reader/${person.id}/session`)).body as { session: string; atr: string };

test.each(Object.entries(transportContract))("over HTTP: %s", async (_, check) => {
  await check({
    authenticationPin: person.pins.authentication,
    connect: () => reader.connect(person.id),
    removeCard: () => sandbox.world.reader.takeCard(person.id),
  });
});

test("the card signs with both keys, and the certificates read from it verify that", async () => {
  const jpki = await JpkiApplication.select(await reader.connect(person.id));
  const message = Buffer.from("what the resident has read");
  for (const key of ["authentication", "signature"] as const) {
    await jpki.verifyPin(key, person.pins[key]);
    const certificate = new X509Certificate(await jpki.readCertificate(key));
    const signature = await jpki.sign(key, message);
    expect(verify("sha256", message, certificate.publicKey, signature)).toBe(true);
    const issuer = new X509Certificate(await jpki.readCertificate(`${key}-ca`));
    expect(certificate.verify(issuer.publicKey)).toBe(true);
  }
});

test("a wrong password is counted before it is answered, and a right one restores the tries", async () => {
  const jpki = await JpkiApplication.select(await reader.connect(person.id));
  await expect(jpki.verifyPin("signature", "WRONG99")).rejects.toMatchObject({ code: "PIN_WRONG", remaining: 4 });
  const listed = (await (await fetch(`${sandbox.url}/api/people/${person.id}`)).json()) as Person;
  expect(listed.card.triesLeft.signature).toBe(4);
  await jpki.verifyPin("signature", person.pins.signature);
  expect(await jpki.triesLeft("signature")).toBe(5);
});

test("a new session takes the card from an older one", async () => {
  const older = await connect();
  const newer = await connect();
  expect(newer.atr).toBe("3be000ff8131fe4514");
  const lost = await sandbox.post(`/reader/sessions/${older.session}/apdu`, emptyVerify);
  expect([lost.status, codeOf(lost.body)]).toEqual([410, "CARD_LOST"]);
  expect((await sandbox.post(`/reader/sessions/${newer.session}/apdu`, emptyVerify)).status).toBe(200);
});

test("what was verified in one session is not verified in the next", async () => {
  const jpki = await JpkiApplication.select(await reader.connect(person.id));
  await jpki.verifyPin("signature", person.pins.signature);
  const next = await JpkiApplication.select(await reader.connect(person.id));
  await expect(next.sign("signature", Buffer.from("x"))).rejects.toMatchObject({ code: "SECURITY_STATUS" });
});

test("a session ends when it is closed, and closing it again does no harm", async () => {
  const { session } = await connect();
  for (let index = 0; index < 2; index++) {
    expect((await fetch(`${sandbox.url}/reader/sessions/${session}`, { method: "DELETE" })).status).toBe(204);
  }
  expect((await sandbox.post(`/reader/sessions/${session}/apdu`, emptyVerify)).status).toBe(410);
});

test("a session that is not used for two minutes is over", async () => {
  const { session } = await connect();
  now = new Date(now.getTime() + 119_000);
  expect((await sandbox.post(`/reader/sessions/${session}/apdu`, emptyVerify)).status).toBe(200);
  now = new Date(now.getTime() + 121_000);
  expect((await sandbox.post(`/reader/sessions/${session}/apdu`, emptyVerify)).status).toBe(410);
});

test("a card can be torn away at the third command, once", async () => {
  await sandbox.post("/api/faults", { kind: "card-torn", person: person.id, apdu: 3, count: 1 });
  const { session } = await connect();
  const statuses: number[] = [];
  for (let index = 0; index < 4; index++) {
    statuses.push((await sandbox.post(`/reader/sessions/${session}/apdu`, emptyVerify)).status);
  }
  expect(statuses).toEqual([200, 200, 410, 410]);
  const next = await connect();
  for (let index = 0; index < 4; index++) {
    expect((await sandbox.post(`/reader/sessions/${next.session}/apdu`, emptyVerify)).status).toBe(200);
  }
});

const wrongPassword = Buffer.from("0020008006575241473939", "hex");
/** SELECT of the application, SELECT of the password, VERIFY: the third command is the one that counts. */
async function enterWrongPassword(): Promise<unknown> {
  const card = await reader.connect(person.id);
  for (const apdu of ["00a4040c0ad392f000260100000001", "00a4020c02001b"]) {
    await card.transmit(Buffer.from(apdu, "hex"));
  }
  return card.transmit(wrongPassword);
}

test("a password that was on its way when the card was torn away is not counted", async () => {
  await sandbox.happen(person.id, { type: "reset-pins" });
  sandbox.world.faults.set({ kind: "card-torn", person: person.id, apdu: 3, carriedOut: false, count: 1 });
  await expect(enterWrongPassword()).rejects.toMatchObject({ code: "CARD_LOST" });
  expect(await (await JpkiApplication.select(await reader.connect(person.id))).triesLeft("signature")).toBe(5);
});

test("one that the card had checked is counted, though nobody saw the answer, and the card goes on", async () => {
  sandbox.world.faults.set({ kind: "card-torn", person: person.id, apdu: 3, carriedOut: true, count: 1 });
  await expect(enterWrongPassword()).rejects.toMatchObject({ code: "CARD_LOST" });
  const jpki = await JpkiApplication.select(await reader.connect(person.id));
  expect(await jpki.triesLeft("signature")).toBe(4);
  await jpki.verifyPin("signature", person.pins.signature);
  expect(await jpki.triesLeft("signature")).toBe(5);
});

test("torn away at any command, the card keeps its passwords, tries and keys", async () => {
  const whole = async () => {
    const card = await reader.connect(person.id);
    const jpki = await JpkiApplication.select(card);
    await jpki.verifyPin("signature", person.pins.signature);
    const signature = await jpki.sign("signature", Buffer.from("x"));
    return { signature, certificate: await jpki.readCertificate("signature") };
  };
  const undisturbed = await whole();
  for (const carriedOut of [false, true]) {
    for (let apdu = 1; ; apdu++) {
      sandbox.world.faults.set({ kind: "card-torn", person: person.id, apdu, carriedOut, count: 1 });
      const outcome = await whole().catch((error: { code: string }) => error.code);
      if (typeof outcome !== "string") break;
      expect(outcome).toBe("CARD_LOST");
      expect(await whole()).toEqual(undisturbed);
      expect(apdu).toBeLessThan(50);
    }
    sandbox.world.faults.clear();
  }
});

test("a card that is torn for everyone is torn for this one too, every time until it is cleared", async () => {
  sandbox.world.faults.set({ kind: "card-torn", apdu: 1, carriedOut: false });
  for (let index = 0; index < 3; index++) {
    const { session } = await connect();
    expect((await sandbox.post(`/reader/sessions/${session}/apdu`, emptyVerify)).status).toBe(410);
  }
  sandbox.world.faults.clear();
  const { session } = await connect();
  expect((await sandbox.post(`/reader/sessions/${session}/apdu`, emptyVerify)).status).toBe(200);
});

test.each([
  [{ apdu: "" }, 400, "MALFORMED"],
  [{ apdu: "0" }, 400, "MALFORMED"],
  [{ apdu: "zz" }, 400, "MALFORMED"],
  [{ apdu: "00".repeat(4097) }, 400, "MALFORMED"],
  [{ apdu: "00".repeat(40_000) }, 413, "TOO_LARGE"],
  [{}, 400, "MALFORMED"],
  [{ apdu: "00200080", other: 1 }, 400, "MALFORMED"],
])("a command that is none is refused (%#)", async (body, status, code) => {
  const { session } = await connect();
  const answer = await sandbox.post(`/reader/sessions/${session}/apdu`, body);
  expect([answer.status, codeOf(answer.body)]).toEqual([status, code]);
});

test("nobody's card can't be laid on the reader", async () => {
  expect((await sandbox.post("/reader/nobody/session")).status).toBe(404);
});

type Told = { text: { ja: string; en: string }; outcome: string; sent: string; received: string; statusWord?: string };
const readLog = async (id: string) => {
  const response = await fetch(`${sandbox.url}/api/people/${id}/apdu-log`);
  return (await response.json()) as { startedAt: string; exchanges: Told[] }[];
};

test("every command is kept in words, the newest session first, without the password", async () => {
  const { id, pins } = await sandbox.register("default");
  expect(await readLog(id)).toEqual([]);
  const first = await JpkiApplication.select(await reader.connect(id));
  await expect(first.verifyPin("signature", "WRONG99")).rejects.toMatchObject({ code: "PIN_WRONG" });
  const second = await JpkiApplication.select(await reader.connect(id));
  await second.verifyPin("signature", pins.signature);
  const log = await readLog(id);
  expect(log.map(({ exchanges }) => exchanges.at(-1)!.text.ja)).toEqual([
    "VERIFY 署名用パスワード → 完了",
    "VERIFY 署名用パスワード → 不一致、残り4回",
  ]);
  expect(log[1]!.exchanges.at(-1)).toMatchObject({
    outcome: "refused",
    statusWord: "63c4",
    sent: `0020008007${"**".repeat(7)}`,
    received: "63c4",
  });
  for (const secret of ["WRONG99", pins.signature]) {
    expect(JSON.stringify(log)).not.toContain(Buffer.from(secret).toString("hex"));
  }
});

test("a command whose answer was lost is kept as such", async () => {
  const { id } = await sandbox.register("default");
  sandbox.world.faults.set({ kind: "card-torn", person: id, apdu: 1, carriedOut: false, count: 1 });
  await expect(JpkiApplication.select(await reader.connect(id))).rejects.toMatchObject({ code: "CARD_LOST" });
  const [session] = await readLog(id);
  expect(session!.exchanges).toMatchObject([
    { text: { en: "SELECT the JPKI application → no answer: the card left" }, outcome: "lost", received: "" },
  ]);
});

test("of a card that never stops talking the latest is kept", async () => {
  const { id } = await sandbox.register("default");
  for (let session = 0; session < 21; session++) {
    const card = await reader.connect(id);
    await card.transmit(Buffer.from("00200080", "hex"));
    await card.close();
  }
  const card = sandbox.world.reader.connect(id);
  for (let command = 0; command < 501; command++) sandbox.world.reader.transmit(card.session, Buffer.from("00", "hex"));
  const log = await readLog(id);
  expect(log).toHaveLength(20);
  expect(log[0]!.exchanges).toHaveLength(500);
});

test("nobody's log is not there", async () => {
  expect((await fetch(`${sandbox.url}/api/people/nobody/apdu-log`)).status).toBe(404);
});
