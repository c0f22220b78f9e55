import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Person } from "../people/present.ts";
import { certificateOnCard, certificatesOfPerson } from "../store/certificates.ts";
import { codeOf, startTestWorld, type TestWorld } from "../test-world.ts";
import type { AttributesAnswer } from "./latest-attributes.ts";
import { canonical, signWithCard, signWithPhone, TestVerifier } from "./test-verifier.ts";

const day = 86_400_000;
const start = new Date("2026-11-24T03:00:00Z");
let now = start;
let sandbox: TestWorld;
let bank: TestVerifier;
let city: TestVerifier;
let hanako: Person;
let taro: Person;
let service: { provider: string; name: string };
let services = 1;

type Registered = { consentId: string; state: string; refusal?: string };
const consent = (changes: object = {}, verifier = bank) => verifier.consentDocument({ service, ...changes });
const seconds = () => Math.floor(now.getTime() / 1000);
const register = async (person: Person, changes: object = {}, verifier = bank): Promise<Registered> => {
  const signed = await signWithCard(sandbox, person, consent(changes, verifier));
  return (await verifier.ask<Registered>("/consents", signed))[0]!;
};
const attributesUnder = async (consentId: string, items?: string[], verifier = bank) =>
  (
    await verifier.ask<AttributesAnswer & { refusal?: string }>("/attributes", { consentId, ...(items && { items }) })
  )[0]!;
const withdrawal = (consentId: string, changes: object = {}) => ({
  typ: "xid-jlis-withdrawal-v1",
  ...{ consentId, time: seconds(), ...changes },
});

beforeAll(async () => {
  sandbox = await startTestWorld(() => now);
  [bank, city] = [
    await TestVerifier.register(sandbox, "bank", () => now),
    await TestVerifier.register(sandbox, "city", () => now),
  ];
  [hanako, taro] = [await sandbox.register("default"), await sandbox.register("default")];
});
/** Each test has a service of its own, and the consents of others are none of its business. */
beforeEach(() => {
  now = new Date(start);
  service = { provider: "テスト銀行", name: `口座${services++}` };
});
afterAll(() => sandbox.close());

describe("a consent", () => {
  test("is kept for one service of one provider, with its items, for ten years from the day after", async () => {
    expect(await register(hanako)).toEqual({
      consentId: expect.stringMatching(/^[\w-]{43}$/),
      state: "valid",
      service,
      items: ["name", "address"],
      registeredAt: "2026-11-24T03:00:00.000Z",
      validUntil: "2036-11-24T14:59:59.000Z",
    });
  });

  test("of a leap day ends on the last day of February", async () => {
    now = new Date("2028-02-29T03:00:00Z");
    expect(await register(hanako)).toMatchObject({ validUntil: "2038-02-28T14:59:59.000Z" });
  });

  test("is answered the same when it comes again, also ten times at once", async () => {
    const signed = await signWithCard(sandbox, hanako, consent());
    const answers = await Promise.all(Array.from({ length: 10 }, () => bank.ask("/consents", signed, signed)));
    expect(new Set(answers.flat().map((one) => JSON.stringify(one))).size).toBe(1);
  });

  test("in another spelling of the same bytes is the same consent", async () => {
    const signed = await signWithCard(sandbox, hanako, consent({ textVersion: "12" }));
    // The last letter of base64url has bits that stand for nothing.
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const document = signed.document.replace(/.$/, (last) => alphabet[alphabet.indexOf(last) | 1]!);
    expect(Buffer.from(document, "base64url")).toEqual(Buffer.from(signed.document, "base64url"));
    expect(document).not.toBe(signed.document);
    const [one, other] = await bank.ask("/consents", signed, { ...signed, document });
    expect(other).toEqual(one);
  });

  test("is answered the same when it comes again after the certificate was revoked and years have passed", async () => {
    const person = await sandbox.register("default");
    const signed = await signWithCard(sandbox, person, consent());
    const first = await bank.ask("/consents", signed);
    await sandbox.happen(person.id, { type: "move" });
    now = new Date(start.getTime() + 700 * day);
    expect(await bank.ask("/consents", signed)).toEqual(first);
  });

  test("given anew for the same service takes the place of the former; another service's stands beside it", async () => {
    const first = await register(hanako);
    const other = await register(hanako, { service: { provider: "テスト銀行", name: "住宅ローン" } });
    now = new Date(start.getTime() + day);
    const second = await register(hanako, { items: ["birthdate"] });
    const states = await bank.ask(
      "/consents/status",
      ...[first, other, second].map(({ consentId }) => ({ consentId })),
    );
    expect(states.map(({ state }) => state)).toEqual(["replaced", "valid", "valid"]);
    expect((await attributesUnder(first.consentId)).refusal).toBe("CONSENT_REPLACED");
    expect((await attributesUnder(second.consentId)).attributes).toEqual({ birthdate: hanako.birthdate });
  });

  test("that is older than the one in force is no newer will", async () => {
    const older = await signWithCard(sandbox, hanako, consent({ items: ["gender"], time: seconds() - 60 }));
    await register(hanako);
    expect((await bank.ask("/consents", older))[0]).toMatchObject({ refusal: "DOCUMENT_STALE" });
  });

  test.each([
    ["eight days old", -8 * day],
    ["of the future", 16 * 60_000],
  ])("that is %s is refused", async (_, offset) => {
    expect((await register(hanako, { time: seconds() + offset / 1000 })).refusal).toBe("DOCUMENT_STALE");
  });

  test("to another verifier is refused", async () => {
    expect((await register(hanako, { verifier: city.id })).refusal).toBe("OTHER_VERIFIER");
  });

  test.each<[string, object | string]>([
    ["nothing", {}],
    ["an item that there is not", { items: ["shoe_size"] }],
    ["an item twice", { items: ["name", "name"] }],
    ["no item", { items: [] }],
    ["no service", { service: undefined }],
    ["a service without a name", { service: { provider: "x", name: "" } }],
    ["another type", { typ: "xid-enrolment-v1" }],
    ["a member more", { more: 1 }],
    ["a time with a fraction", { time: 1.5 }],
  ])("of %s is malformed", async (what, changes) => {
    const document = what === "nothing" ? {} : { ...consent(), ...(changes as object) };
    const signed = await signWithCard(sandbox, hanako, JSON.parse(JSON.stringify(document)) as object);
    expect((await bank.ask("/consents", signed))[0]).toMatchObject({ refusal: "DOCUMENT_MALFORMED" });
  });

  test.each<[string, (text: string) => string]>([
    ["with a space", (text) => text.replace(":", ": ")],
    ["with a member twice", (text) => text.replace("{", '{"items":["gender"],')],
    ["with members in another order", (text) => JSON.stringify({ typ: "x", ...(JSON.parse(text) as object) })],
    ["with a byte order mark", (text) => `\ufeff${text}`],
    ["that is no JSON", () => "consent"],
  ])("in a second form, %s, is malformed", async (_, change) => {
    const signed = await signWithCard(sandbox, hanako, change(canonical(consent())));
    expect((await bank.ask("/consents", signed))[0]).toMatchObject({ refusal: "DOCUMENT_MALFORMED" });
  });

  test("whose signature is over other words, or by another person's key, is refused", async () => {
    const signed = await signWithCard(sandbox, hanako, consent());
    const other = await signWithCard(sandbox, hanako, consent({ items: ["address"] }));
    const theirs = await signWithCard(sandbox, taro, consent());
    const answers = await bank.ask(
      "/consents",
      { ...signed, document: other.document },
      { ...signed, signature: other.signature },
      { ...signed, certificate: theirs.certificate },
    );
    expect(answers.map(({ refusal }) => refusal)).toEqual(Array(3).fill("SIGNATURE_INVALID"));
  });

  test("by a certificate that was not issued here, byte for byte, is refused", async () => {
    const signed = await signWithCard(sandbox, hanako, consent());
    const changed = Buffer.from(signed.certificate, "base64url");
    changed[changed.length - 1]! ^= 1;
    const longer = Buffer.concat([Buffer.from(signed.certificate, "base64url"), Buffer.of(0)]);
    const { certificate: authority } = sandbox.world.authorities.issuing("signature", now);
    for (const certificate of [changed, longer, Buffer.from("certificate"), Buffer.from(authority)]) {
      const [answer] = await bank.ask("/consents", { ...signed, certificate: certificate.toString("base64url") });
      expect(answer).toMatchObject({ refusal: "CERTIFICATE_UNKNOWN" });
    }
  });

  test("by the authentication certificate is refused", async () => {
    const signed = await signWithCard(sandbox, hanako, consent(), "authentication");
    expect((await bank.ask("/consents", signed))[0]).toMatchObject({ refusal: "CERTIFICATE_WRONG_KIND" });
  });

  test.each([
    ["certificate-revoked", "CERTIFICATE_REVOKED"],
    ["certificate-expired", "CERTIFICATE_EXPIRED"],
  ])("of the persona %s is refused", async (persona, refusal) => {
    expect((await register(await sandbox.register(persona))).refusal).toBe(refusal);
  });

  test("that is refused keeps the others of its call from nothing", async () => {
    const signed = await signWithCard(sandbox, hanako, consent());
    const answers = await bank.ask("/consents", { ...signed, signature: "AAAA" }, signed);
    expect(answers).toMatchObject([{ refusal: "SIGNATURE_INVALID" }, { state: "valid" }]);
  });

  test("comes with at most a hundred others", async () => {
    const signed = { document: "AA", signature: "AA", certificate: "AA" };
    expect((await bank.ask("/consents", ...Array(100).fill(signed))).length).toBe(100);
    const { status, body } = await bank.post("/consents", { requests: Array(101).fill(signed) });
    expect([status, codeOf(body)]).toEqual([400, "MALFORMED"]);
  });
});

test("any document, signature and certificate get an answer of ours", async () => {
  const text = fc.stringMatching(/^[\w-]{1,200}$/);
  const any = fc.record({ document: text, signature: text, certificate: text });
  const tried = await signWithCard(sandbox, hanako, consent());
  const changed = fc
    .tuple(fc.constantFrom("document", "signature", "certificate"), fc.nat(), text)
    .map(([member, at, put]) => {
      const whole = tried[member as "document"];
      const cut = at % whole.length;
      return { ...tried, [member]: (whole.slice(0, cut) + put + whole.slice(cut)).slice(0, 600) };
    });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(any, changed), { minLength: 1, maxLength: 100 }), async (requests) => {
      const answers = await bank.ask<Registered>("/consents", ...requests);
      expect(answers.length).toBe(requests.length);
      for (const { refusal } of answers) {
        expect(refusal).toMatch(/^(CERTIFICATE_UNKNOWN|SIGNATURE_INVALID|DOCUMENT_MALFORMED)$/);
      }
    }),
    { numRuns: 20 },
  );
});

describe("the latest attributes", () => {
  test("are those consented to and no others", async () => {
    const { consentId } = await register(hanako);
    expect(await attributesUnder(consentId)).toEqual({
      consentId,
      attributes: {
        name: hanako.name,
        nameSubstitutes: "0".repeat(hanako.name.length),
        address: hanako.address,
        addressSubstitutes: "0".repeat(hanako.address.length),
      },
      certificate: { serial: hanako.card.certificates[0]!.serial, medium: "card", notBefore: expect.any(String) },
    });
  });

  test("are given item by item, and one that was not consented to is refused, alone or beside others", async () => {
    const { consentId } = await register(hanako, { items: ["birthdate", "gender"] });
    expect((await attributesUnder(consentId, ["gender"])).attributes).toEqual({ gender: hanako.gender });
    for (const items of [["address"], ["gender", "name"]]) {
      expect((await attributesUnder(consentId, items)).refusal).toBe("ITEM_NOT_CONSENTED");
    }
  });

  test("are not given while the signature certificate is revoked, and are new once there is another one", async () => {
    const person = await sandbox.register("default");
    const { consentId } = await register(person);
    const moved = await sandbox.happen(person.id, { type: "move" });
    expect((await attributesUnder(consentId)).refusal).toBe("NO_SIGNATURE_CERTIFICATE");
    await sandbox.happen(person.id, { type: "reissue-signature" });
    const answer = await attributesUnder(consentId);
    expect(answer.attributes.address).toBe(moved.address);
    expect(answer.certificate.serial).not.toBe(person.card.certificates[0]!.serial);
  });

  test("follow the person over a renewal and a new card", async () => {
    const person = await sandbox.register("default");
    const { consentId } = await register(person);
    for (const type of ["reissue-certificates", "new-card"]) {
      const { card } = await sandbox.happen(person.id, { type });
      expect((await attributesUnder(consentId)).certificate.serial).toBe(card.certificates[0]!.serial);
    }
  });

  test("are given under a consent that the phone signed, by the phone's certificate as long as it is the newest", async () => {
    const { id } = await sandbox.register("default");
    const person = await sandbox.happen(id, { type: "get-phone" });
    const signed = await signWithPhone(sandbox, person, consent());
    const [{ consentId }] = (await bank.ask<Registered>("/consents", signed)) as [Registered];
    expect((await attributesUnder(consentId)).certificate.medium).toBe("phone");
    await sandbox.happen(id, { type: "lose-phone" });
    expect(await attributesUnder(consentId)).toMatchObject({
      attributes: { name: person.name },
      certificate: { medium: "card" },
    });
    expect(
      (await bank.ask("/consents/withdrawals", await signWithPhone(sandbox, person, withdrawal(consentId))))[0],
    ).toMatchObject({
      refusal: "CERTIFICATE_REVOKED",
    });
  });

  test("are not given once the certificate has expired", async () => {
    const { consentId } = await register(hanako);
    const onCard = certificateOnCard(certificatesOfPerson(sandbox.world.database, hanako.id), "signature")!;
    now = onCard.notAfter;
    expect((await attributesUnder(consentId)).attributes.name).toBe(hanako.name);
    now = new Date(onCard.notAfter.getTime() + 1000);
    expect((await attributesUnder(consentId)).refusal).toBe("NO_SIGNATURE_CERTIFICATE");
  });

  test("are given until the last second of ten years", async () => {
    const person = await sandbox.register("default");
    const { consentId } = await register(person);
    now = new Date("2031-01-15T00:00:00Z");
    await sandbox.happen(person.id, { type: "new-card" });
    now = new Date("2036-02-01T00:00:00Z");
    await sandbox.happen(person.id, { type: "new-card" });
    now = new Date("2036-11-24T14:59:59Z");
    expect((await attributesUnder(consentId)).attributes.name).toBe(person.name);
    now = new Date("2036-11-24T15:00:00Z");
    expect((await attributesUnder(consentId)).refusal).toBe("CONSENT_EXPIRED");
    expect((await bank.ask("/consents/status", { consentId }))[0]).toMatchObject({ state: "expired" });
  });

  test("say where characters stand in for others", async () => {
    const yoshino = await sandbox.register("external-characters");
    const { consentId } = await register(yoshino);
    const { attributes } = await attributesUnder(consentId);
    expect(attributes.nameSubstitutes).toMatch(/^0*1[01]*$/);
    expect(attributes.name).not.toBe(yoshino.name);
  });

  test("are another verifier's business as little as the consent is", async () => {
    const { consentId } = await register(hanako);
    expect((await attributesUnder(consentId, undefined, city)).refusal).toBe("CONSENT_UNKNOWN");
    expect((await city.ask("/consents/status", { consentId }))[0]).toMatchObject({ refusal: "CONSENT_UNKNOWN" });
    const signed = await signWithCard(sandbox, hanako, withdrawal(consentId));
    expect((await city.ask("/consents/withdrawals", signed))[0]).toMatchObject({ refusal: "CONSENT_UNKNOWN" });
  });

  test.each([["x"], ["A".repeat(43)]])("under %s, which is no consent, are not given", async (consentId) => {
    const { status, body } = await bank.post("/attributes", { requests: [{ consentId }] });
    if (consentId.length < 43) expect([status, codeOf(body)]).toEqual([400, "MALFORMED"]);
    else expect(body).toMatchObject({ answers: [{ refusal: "CONSENT_UNKNOWN" }] });
  });
});

describe("a withdrawal", () => {
  test("ends the consent at once and for good, and is answered the same when it comes again", async () => {
    const document = consent();
    const signed = await signWithCard(sandbox, hanako, document);
    const [{ consentId }] = (await bank.ask<Registered>("/consents", signed)) as [Registered];
    now = new Date(start.getTime() + day);
    const withdrawn = await signWithCard(sandbox, hanako, withdrawal(consentId));
    const first = await bank.ask("/consents/withdrawals", withdrawn);
    expect(first).toMatchObject([{ consentId, state: "withdrawn", endedAt: now.toISOString() }]);
    now = new Date(start.getTime() + 2 * day);
    expect(await bank.ask("/consents/withdrawals", withdrawn)).toEqual(first);
    expect((await attributesUnder(consentId)).refusal).toBe("CONSENT_WITHDRAWN");
    expect((await bank.ask("/consents", signed))[0]).toMatchObject({ consentId, state: "withdrawn" });
  });

  test("is not undone by an older consent that was kept back, and is by a newer one", async () => {
    const keptBack = await signWithCard(sandbox, hanako, consent({ challenge: "d".repeat(43) }));
    const { consentId } = await register(hanako);
    now = new Date(start.getTime() + day);
    await bank.ask("/consents/withdrawals", await signWithCard(sandbox, hanako, withdrawal(consentId)));
    expect((await bank.ask("/consents", keptBack))[0]).toMatchObject({ refusal: "DOCUMENT_STALE" });
    now = new Date(start.getTime() + 2 * day);
    expect(await register(hanako)).toMatchObject({ state: "valid" });
  });

  test("by somebody else, of no consent or of a replaced one is refused", async () => {
    const { consentId } = await register(hanako);
    const foreign = await signWithCard(sandbox, taro, withdrawal(consentId));
    const none = await signWithCard(sandbox, hanako, withdrawal("A".repeat(43)));
    now = new Date(start.getTime() + 1000);
    await register(hanako);
    const late = await signWithCard(sandbox, hanako, withdrawal(consentId));
    const answers = await bank.ask("/consents/withdrawals", foreign, none, late);
    expect(answers.map(({ refusal }) => refusal)).toEqual(["CONSENT_UNKNOWN", "CONSENT_UNKNOWN", "CONSENT_REPLACED"]);
  });

  test("needs the signature key, a document of its form, and to be young", async () => {
    const { consentId } = await register(hanako);
    const wrongKey = await signWithCard(sandbox, hanako, withdrawal(consentId), "authentication");
    const wrongForm = await signWithCard(sandbox, hanako, consent());
    const old = await signWithCard(sandbox, hanako, withdrawal(consentId, { time: seconds() - 8 * 86_400 }));
    const answers = await bank.ask("/consents/withdrawals", wrongKey, wrongForm, old);
    const refusals = ["CERTIFICATE_WRONG_KIND", "DOCUMENT_MALFORMED", "DOCUMENT_STALE"];
    expect(answers.map(({ refusal }) => refusal)).toEqual(refusals);
    expect((await bank.ask("/consents/status", { consentId }))[0]).toMatchObject({ state: "valid" });
  });

  test("is possible without the verifier, who learns of it when it asks what has ended", async () => {
    const { body: before } = await bank.post("/consents/ended", {});
    const { mark } = before as { mark: number };
    const { consentId } = await register(hanako);
    const signed = await signWithCard(sandbox, hanako, withdrawal(consentId));
    const answer = await sandbox.post("/jlis/v1/residents/withdrawals", signed);
    expect(answer).toMatchObject({ status: 200, body: { consentId, state: "withdrawn" } });
    const { body } = await bank.post("/consents/ended", { after: mark });
    expect(body).toEqual({
      ended: [{ consentId, because: "withdrawn", at: now.toISOString() }],
      mark: expect.any(Number),
      more: false,
    });
    expect((await city.post("/consents/ended", {})).body).toEqual({ ended: [], mark: 0, more: false });
    const again = await bank.post("/consents/ended", { after: (body as { mark: number }).mark });
    expect(again.body).toMatchObject({ ended: [], mark: (body as { mark: number }).mark });
  });
});

describe("a resident's own question", () => {
  const question = (changes: object = {}) => ({
    typ: "xid-jlis-inquiry-v1",
    ...{ audience: `${sandbox.url}/jlis/v1`, time: seconds(), ...changes },
  });
  const ask = async (document: object, kind: "signature" | "authentication" = "authentication", person = hanako) =>
    sandbox.post("/jlis/v1/residents/consents", await signWithCard(sandbox, person, document, kind));

  test("is answered with all of their consents, newest first, and with nobody else's", async () => {
    const person = await sandbox.register("default");
    await register(hanako);
    const first = await register(person);
    const second = await register(person, {}, city);
    const { status, body } = await ask(question(), "authentication", person);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      consents: [
        { consentId: second.consentId, verifier: "city", state: "valid" },
        { consentId: first.consentId, verifier: "bank", state: "valid" },
      ],
    });
  });

  test.each<[string, object, "signature" | "authentication", number, string]>([
    ["by the signature key", {}, "signature", 409, "CERTIFICATE_WRONG_KIND"],
    ["for somebody else", { audience: "https://elsewhere.example" }, "authentication", 400, "DOCUMENT_MALFORMED"],
    ["six minutes old", { time: start.getTime() / 1000 - 360 }, "authentication", 409, "DOCUMENT_STALE"],
  ])("%s is refused", async (_, changes, kind, status, code) => {
    const answer = await ask(question(changes), kind);
    expect([answer.status, codeOf(answer.body)]).toEqual([status, code]);
  });
});

test("in a world whose clock is years ahead a consent runs by that clock, though its signer's clock is the real one", async () => {
  const ahead = await startTestWorld();
  const verifier = await TestVerifier.register(ahead);
  const person = await ahead.register("default");
  const signed = await signWithCard(ahead, person, verifier.consentDocument());
  await ahead.world.schedule.moveClock(new Date(Date.now() + 400 * day));
  const [consent] = await verifier.ask<{ consentId: string; registeredAt: string }>("/consents", signed);
  expect(Date.parse(consent!.registeredAt)).toBeGreaterThan(Date.now() + 399 * day);
  const document = {
    typ: "xid-jlis-withdrawal-v1",
    consentId: consent!.consentId,
    time: Math.floor(Date.now() / 1000),
  };
  const withdrawn = await verifier.ask("/consents/withdrawals", await signWithCard(ahead, person, document));
  expect(withdrawn).toMatchObject([{ state: "withdrawn" }]);
  const anew = await signWithCard(ahead, person, verifier.consentDocument({ challenge: "e".repeat(43) }));
  expect(await verifier.ask("/consents", anew)).toMatchObject([{ state: "valid" }]);
  ahead.close();
});
