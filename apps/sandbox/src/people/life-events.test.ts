import { X509Certificate } from "node:crypto";
import { JpkiApplication, TextApplication } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, startTestWorld, type TestWorld } from "../test-world.ts";
import type { Person } from "./present.ts";

let sandbox: TestWorld;
let reader: HttpCardReader;
beforeAll(async () => {
  sandbox = await startTestWorld();
  reader = new HttpCardReader(sandbox.url);
});
afterAll(() => sandbox.close());

const certificateOf = ({ card }: Person, kind: string) =>
  card.certificates.find((certificate) => certificate.kind === kind)!;

/** The serial number of the certificate that is really on the card. */
async function serialOnCard({ id, pins }: Person, which: "signature" | "authentication"): Promise<string> {
  const session = await reader.connect(id);
  const jpki = await JpkiApplication.select(session);
  if (which === "signature") await jpki.verifyPin("signature", pins.signature);
  return new X509Certificate(await jpki.readCertificate(which)).serialNumber.toLowerCase();
}

test("a move changes register and card, and ends the signature certificate only", async () => {
  const before = await sandbox.register("default");
  const after = await sandbox.happen(before.id, { type: "move", address: "高松市" });
  expect(after.address).toMatch(/^香川県高松市/);
  expect(certificateOf(after, "signature")).toMatchObject({ status: "revoked", reason: "affiliationChanged" });
  expect(certificateOf(after, "authentication")).toEqual(certificateOf(before, "authentication"));
  const text = await TextApplication.select(await reader.connect(after.id));
  await text.verifyPin(after.pins.text);
  expect((await text.readAttributes()).address).toBe(after.address);
});

test("a move without an address goes to another municipality, and one to the same address is refused", async () => {
  const before = await sandbox.register("default");
  const after = await sandbox.happen(before.id, { type: "move" });
  expect(after.address.slice(0, 6)).not.toBe(before.address.slice(0, 6));
  const again = await sandbox.post(`/api/people/${before.id}/events`, { type: "move", address: after.address });
  expect([again.status, codeOf(again.body)]).toEqual([409, "SAME_ADDRESS"]);
});

test("a reissued signature certificate has the new address, and ends with the authentication certificate", async () => {
  const { id } = await sandbox.register("moved-last-week");
  const after = await sandbox.happen(id, { type: "reissue-signature" });
  const signature = certificateOf(after, "signature");
  expect(signature.status).toBe("good");
  expect(signature.notAfter).toBe(certificateOf(after, "authentication").notAfter);
  expect(await serialOnCard(after, "signature")).toBe(signature.serial);
});

test("a renewal puts new keys and certificates on the card and keeps password and tries", async () => {
  const before = await sandbox.register("one-try-left");
  const after = await sandbox.happen(before.id, { type: "reissue-certificates" });
  for (const kind of ["signature", "authentication"] as const) {
    expect(certificateOf(after, kind).serial > certificateOf(before, kind).serial).toBe(true);
    expect(certificateOf(after, kind).status).toBe("good");
  }
  expect(after.card.triesLeft.signature).toBe(1);
  expect(await serialOnCard(after, "authentication")).toBe(certificateOf(after, "authentication").serial);
});

test("serial numbers are never given twice, also for many renewals at once", async () => {
  const people = await Promise.all([1, 2, 3].map(() => sandbox.register("default")));
  await Promise.all(people.flatMap(({ id }) => [1, 2].map(() => sandbox.happen(id, { type: "reissue-certificates" }))));
  const rows = sandbox.world.database.prepare("SELECT count(*) AS held FROM certificates WHERE held = 1").get();
  const residents = sandbox.world.database.prepare("SELECT count(*) AS count FROM people").get();
  expect(rows?.held).toBe(Number(residents?.count) * 2);
});

test("a reset gives all tries back", async () => {
  const { id } = await sandbox.register("password-blocked");
  const after = await sandbox.happen(id, { type: "reset-pins" });
  expect(after.card.triesLeft).toEqual({ signature: 5, authentication: 3, text: 3 });
  expect(await serialOnCard(after, "signature")).toBe(certificateOf(after, "signature").serial);
});

test("a new card has new certificates, and those of the old one are revoked", async () => {
  const before = await sandbox.register("password-blocked");
  const after = await sandbox.happen(before.id, { type: "new-card" });
  expect(after.card.triesLeft.signature).toBe(5);
  expect(certificateOf(after, "signature").serial).not.toBe(certificateOf(before, "signature").serial);
  expect(await serialOnCard(after, "signature")).toBe(certificateOf(after, "signature").serial);
  const old = sandbox.world.database
    .prepare("SELECT reason FROM certificates WHERE person_id = ? AND held = 0")
    .all(before.id);
  expect(old.map(({ reason }) => reason)).toEqual(["cessationOfOperation", "cessationOfOperation"]);
});

test("certificates are revoked once, both or one, and stay as they were revoked", async () => {
  const { id } = await sandbox.register("default");
  const one = await sandbox.happen(id, { type: "revoke", kind: "signature", reason: "keyCompromise" });
  expect(certificateOf(one, "authentication").status).toBe("good");
  const both = await sandbox.happen(id, { type: "revoke", reason: "certificateHold" });
  expect(certificateOf(both, "signature").reason).toBe("keyCompromise");
  expect(certificateOf(both, "authentication").reason).toBe("certificateHold");
  const again = await sandbox.post(`/api/people/${id}/events`, { type: "revoke" });
  expect([again.status, codeOf(again.body)]).toEqual([409, "NOTHING_TO_REVOKE"]);
});

test("a child gets no signature certificate", async () => {
  const { id } = await sandbox.register("under-15");
  const answer = await sandbox.post(`/api/people/${id}/events`, { type: "reissue-signature" });
  expect([answer.status, codeOf(answer.body)]).toEqual([409, "UNDER_SIGNATURE_AGE"]);
  const renewed = await sandbox.happen(id, { type: "reissue-certificates" });
  expect(renewed.card.certificates.map(({ kind }) => kind)).toEqual(["authentication"]);
});

test("one who has come of age since the card was issued gets a first signature certificate with its password", async () => {
  const now = new Date();
  const birthdate = new Date(now.getTime() - (15 * 365.25 + 100) * 86_400_000).toISOString().slice(0, 10);
  const before = await sandbox.register("default", { birthdate });
  expect(before.card.certificates.map(({ kind }) => kind)).toEqual(["authentication"]);
  const after = await sandbox.happen(before.id, { type: "reissue-signature" });
  expect(await serialOnCard(after, "signature")).toBe(certificateOf(after, "signature").serial);
});

test("a signature certificate alone is not issued beside a revoked authentication certificate", async () => {
  const { id } = await sandbox.register("certificate-revoked");
  const answer = await sandbox.post(`/api/people/${id}/events`, { type: "reissue-signature" });
  expect([answer.status, codeOf(answer.body)]).toEqual([409, "AUTHENTICATION_NOT_VALID"]);
  const renewed = await sandbox.happen(id, { type: "reissue-certificates" });
  expect(renewed.card.certificates.map(({ status }) => status)).toEqual(["good", "good"]);
});

test("a card that is in the reader is taken out of it for an event", async () => {
  const { id } = await sandbox.register("default");
  const jpki = await JpkiApplication.select(await reader.connect(id));
  await sandbox.happen(id, { type: "reset-pins" });
  await expect(jpki.triesLeft("signature")).rejects.toMatchObject({ code: "CARD_LOST" });
});

test.each([
  [{ type: "explode" }, 400, "MALFORMED"],
  [{ type: "revoke", reason: "cACompromise" }, 400, "MALFORMED"],
  [{ type: "move", address: 7 }, 400, "MALFORMED"],
  [{ type: "move", address: "x".repeat(300) }, 422, "ADDRESS_UNSUITABLE"],
  [null, 400, "MALFORMED"],
])("an event %j is refused", async (event, status, code) => {
  const answer = await sandbox.post("/api/people/hanako/events", JSON.stringify(event));
  expect([answer.status, codeOf(answer.body)]).toEqual([status, code]);
});

test("nothing happens to those who are not there", async () => {
  for (const id of ["nobody", "%00", "..%2f..", "p-'or'1"]) {
    const answer = await sandbox.post(`/api/people/${id}/events`, { type: "reissue-certificates" });
    expect([answer.status, codeOf(answer.body)]).toEqual([404, "PERSON_NOT_FOUND"]);
  }
});
