import fc from "fast-check";
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serialHex } from "../ca/certificate.ts";
import type { Person } from "../people/present.ts";
import { recordVerifier } from "../store/verifiers.ts";
import { codeOf, startTestWorld, type TestWorld } from "../test-world.ts";
import { TestVerifier } from "./test-verifier.ts";

let sandbox: TestWorld;
let verifier: TestVerifier;
beforeAll(async () => {
  sandbox = await startTestWorld();
  verifier = await TestVerifier.register(sandbox);
});
afterAll(() => sandbox.close());

const serialOf = (person: Person, kind: string) =>
  person.card.certificates.find((certificate) => certificate.kind === kind)!.serial;
const askOne = async (path: string, question: object) => (await verifier.ask(path, question))[0];

test("a verifier's id is the thumbprint of its key, and registering again changes nothing", async () => {
  const jwk = await exportJWK((await generateKeyPair("ES256")).publicKey);
  const verifierId = await calculateJwkThumbprint(jwk);
  const body = { verifierId, jpkiUrl: `${sandbox.url}/jpki/for/${verifierId}` };
  expect(await sandbox.post("/jlis/v1/verifiers", { name: "bank", jwk })).toEqual({ status: 201, body });
  expect(await sandbox.post("/jlis/v1/verifiers", { name: "another name", jwk })).toEqual({ status: 200, body });
});

test("a private key, another curve and a point off the curve are refused as a verifier's key", async () => {
  const jwk = await exportJWK((await generateKeyPair("ES256")).publicKey);
  const other = await exportJWK((await generateKeyPair("ES384")).publicKey);
  for (const wrong of [{ ...jwk, d: jwk.x }, other, { ...jwk, y: jwk.x }, { ...jwk, x: "AAAA" }, {}]) {
    const answer = await sandbox.post("/jlis/v1/verifiers", { name: "x", jwk: wrong });
    expect([answer.status, codeOf(answer.body)]).toEqual([400, "MALFORMED"]);
  }
});

test("the status of a certificate is good, revoked with time and reason, or unknown", async () => {
  const person = await sandbox.register("moved-last-week");
  const good = { kind: "authentication", serial: serialOf(person, "authentication") };
  const revoked = { kind: "signature", serial: serialOf(person, "signature") };
  const unknown = { kind: "signature", serial: "0fffffff" };
  const answers = await verifier.ask("/status", good, revoked, unknown);
  expect(answers).toEqual([
    { ...good, status: "good" },
    { ...revoked, status: "revoked", reason: "affiliationChanged", revokedAt: expect.any(String) },
    { ...unknown, status: "unknown" },
  ]);
  expect(Math.round((Date.now() - Date.parse(answers[1]!.revokedAt as string)) / 86_400_000)).toBe(7);
});

test("a serial number is the same with and without zeros in front, in either case", async () => {
  const serial = serialOf(await sandbox.register("default"), "signature");
  const written = [serial, `00${serial}`, serial.replace(/^0+/, ""), serial.toUpperCase()];
  const answers = await verifier.ask("/status", ...written.map((one) => ({ kind: "signature", serial: one })));
  expect(answers).toEqual(written.map(() => ({ kind: "signature", serial, status: "good" })));
});

test("from any certificate of a person one finds the present ones and the former ones", async () => {
  const first = await sandbox.register("default");
  await sandbox.happen(first.id, { type: "move" });
  const reissued = await sandbox.happen(first.id, { type: "reissue-signature" });
  const last = await sandbox.happen(first.id, { type: "new-card" });
  const expected = {
    current: expect.arrayContaining([
      { kind: "signature", medium: "card", serial: serialOf(last, "signature"), status: "good" },
      { kind: "authentication", medium: "card", serial: serialOf(last, "authentication"), status: "good" },
    ]),
    previous: expect.arrayContaining([
      { kind: "signature", medium: "card", serial: serialOf(first, "signature") },
      { kind: "signature", medium: "card", serial: serialOf(reissued, "signature") },
      { kind: "authentication", medium: "card", serial: serialOf(first, "authentication") },
    ]),
  };
  for (const person of [first, reissued, last]) {
    const asked = { kind: "signature", serial: serialOf(person, "signature") };
    const answer = (await askOne("/links", asked)) as { current: unknown[]; previous: { serial: string }[] };
    expect(answer).toEqual({ ...asked, ...expected });
    expect([answer.current.length, answer.previous.length]).toEqual([2, 3]);
    expect(answer.previous[0]!.serial).toBe(serialOf(reissued, "signature"));
  }
});

test("a certificate of the phone is linked to those of the card, and the other way", async () => {
  const { id } = await sandbox.register("default");
  const { card, phone } = await sandbox.happen(id, { type: "get-phone" });
  const named = (medium: string, { certificates }: Pick<Person["card"], "certificates">) =>
    certificates.map(({ kind, serial }) => ({ kind, medium, serial, status: "good" }));
  const all = [...named("card", card), ...named("phone", phone!)];
  expect(all).toHaveLength(4);
  for (const { kind, serial } of all) {
    const links = (await askOne("/links", { kind, serial })) as { current: object[]; previous: object[] };
    expect(links.current).toEqual(expect.arrayContaining(all));
    expect([links.current.length, links.previous.length]).toEqual([4, 0]);
  }
});

test("a child's links have no signature certificate, and a revoked one is said to be so", async () => {
  const child = await sandbox.register("under-15");
  const moved = await sandbox.register("moved-last-week");
  const [ofChild, ofMoved] = await verifier.ask<{ current: { kind: string; status: string }[]; previous: unknown[] }>(
    "/links",
    ...[child, moved].map((person) => ({ kind: "authentication", serial: serialOf(person, "authentication") })),
  );
  expect(ofChild!.current.map(({ kind }) => kind)).toEqual(["authentication"]);
  expect(ofChild!.previous).toEqual([]);
  expect(ofMoved!.current.find(({ kind }) => kind === "signature")).toMatchObject({ status: "revoked" });
});

test("nobody is linked to a serial that was never issued, nor to the authority's own; the others are answered", async () => {
  const serial = serialOf(await sandbox.register("default"), "signature");
  const asked = ["0fffffff", serialHex(0x01000001), serial].map((one) => ({ kind: "signature", serial: one }));
  const answers = await verifier.ask("/links", ...asked);
  const refused = { refusal: "SERIAL_UNKNOWN", detail: expect.any(String) };
  expect(answers).toEqual([refused, refused, expect.objectContaining({ kind: "signature", serial })]);
});

test("a thousand questions are answered at once, one more is too many, and none is no question", async () => {
  const questions = Array.from({ length: 1000 }, (_, index) => ({ kind: "signature", serial: index.toString(16) }));
  const answers = await verifier.ask("/status", ...questions);
  expect(answers.map(({ serial }) => serial)).toEqual(questions.map(({ serial }) => serial));
  for (const requests of [[...questions, questions[0]], []]) {
    const { status, body } = await verifier.post("/status", { requests });
    expect([status, codeOf(body)]).toEqual([400, "MALFORMED"]);
  }
});

describe("registration and calls", () => {
  const services = [
    ...["/status", "/links", "/consents", "/consents/status", "/consents/withdrawals", "/consents/ended"],
    ...["/attributes", "/changes?kind=signature"],
  ];
  test.each(services)("%s is for registered verifiers only", async (path) => {
    const stranger = await verifier.token({ header: { kid: "stranger" } });
    for (const headers of [{}, stranger]) {
      const { status, body } = await sandbox.post(`/jlis/v1${path}`, {}, headers as Record<string, string>);
      expect([status, codeOf(body)]).toEqual([401, "UNAUTHORIZED"]);
    }
  });

  test("there is room for a thousand verifiers, and those who are there may come again", async () => {
    const crowded = await startTestWorld();
    const jwk = { kty: "EC", crv: "P-256", x: "x", y: "y" } as const;
    for (let index = 1; index < 1000; index++) {
      recordVerifier(crowded.world.database, { id: `v${index}`, name: "verifier", jwk }, new Date());
    }
    const register = async (key: CryptoKey) => {
      const { status, body } = await crowded.post("/jlis/v1/verifiers", { name: "one", jwk: await exportJWK(key) });
      return status < 300 ? status : [status, codeOf(body)];
    };
    const [last, late] = [await generateKeyPair("ES256"), await generateKeyPair("ES256")];
    expect(await register(last.publicKey)).toBe(201);
    expect(await register(late.publicKey)).toEqual([507, "FULL"]);
    expect(await register(last.publicKey)).toBe(200);
    crowded.close();
  });

  test("a call is larger than elsewhere, and has its bound", async () => {
    const padding = (octets: number) => `{"requests":[{"kind":"signature","serial":"1"}]${" ".repeat(octets)}}`;
    expect((await verifier.post("/status", padding(1_000_000))).status).toBe(200);
    const { status, body } = await verifier.post("/status", padding(3_000_000));
    expect([status, codeOf(body)]).toEqual([413, "TOO_LARGE"]);
  });

  test("a verifier that asks too much has to wait, and the others need not", async () => {
    let now = new Date();
    const still = await startTestWorld(() => now);
    const time = () => now;
    const [greedy, other] = [
      await TestVerifier.register(still, "greedy", time),
      await TestVerifier.register(still, "other", time),
    ];
    const ask = (verifier: TestVerifier) =>
      verifier.post("/status", { requests: [{ kind: "signature", serial: "1" }] }).then(({ status }) => status);
    for (let call = 0; call < 200; call++) expect(await ask(greedy)).toBe(200);
    const response = await fetch(`${still.url}/jlis/v1/status`, { method: "POST", headers: await greedy.token() });
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(await ask(other)).toBe(200);
    now = new Date(now.getTime() + 10);
    expect([await ask(greedy), await ask(greedy)]).toEqual([200, 429]);
    still.close();
  });
});

const now = Math.floor(Date.now() / 1000);
test.each<[string, () => Promise<Record<string, string>>]>([
  ["no token", async () => ({})],
  ["another scheme", async () => ({ authorization: "Basic eDp4" })],
  ["no JWT", async () => ({ authorization: "Bearer a.b.c" })],
  ["a stranger's key", async () => verifier.token({ key: (await generateKeyPair("ES256")).privateKey })],
  ["an unregistered kid", () => verifier.token({ header: { kid: "x" } })],
  ["another issuer", () => verifier.token({ claims: { iss: "x" } })],
  ["another audience", () => verifier.token({ claims: { aud: "http://elsewhere.example/jlis/v1" } })],
  ["several audiences", () => verifier.token({ claims: { aud: [`${sandbox.url}/jlis/v1`, "x"] } })],
  ["an expired token", () => verifier.token({ claims: { iat: now - 120, exp: now - 60 } })],
  ["a token of the future", () => verifier.token({ claims: { iat: now + 600, exp: now + 620 } })],
  ["a token that lives too long", () => verifier.token({ claims: { exp: now + 3600 } })],
  ["a token without an end", () => verifier.token({ claims: { exp: undefined } })],
  ["a token without an id", () => verifier.token({ claims: { jti: undefined } })],
])("with %s there is no answer", async (_, headers) => {
  const answer = await verifier.post("/status", { requests: [{ kind: "signature", serial: "01" }] }, await headers());
  expect([answer.status, codeOf(answer.body)]).toEqual([401, "UNAUTHORIZED"]);
});

test("any words in place of a token get no answer but 401", async () => {
  const part = fc.stringMatching(/^[\w-]{0,40}$/);
  const anything = fc.oneof(
    fc.stringMatching(/^[!-~ ]{0,80}$/),
    fc.tuple(part, part, part).map((parts) => `Bearer ${parts.join(".")}`),
    fc.tuple(fc.json(), part, part).map(([header, ...rest]) => {
      return `Bearer ${Buffer.from(header).toString("base64url")}.${rest.join(".")}`;
    }),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (authorization) => {
      expect((await verifier.post("/status", {}, { authorization })).status).toBe(401);
    }),
  );
});

test("a token is taken once, also when it comes ten times at the same moment", async () => {
  const headers = await verifier.token();
  const question = { requests: [{ kind: "signature", serial: "01000001" }] };
  const answers = await Promise.all(Array.from({ length: 10 }, () => verifier.post("/status", question, headers)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(401)]);
});

test("a token signed without a signature algorithm is refused", async () => {
  const [, payload] = (await verifier.token()).authorization!.split(" ")[1]!.split(".");
  const header = Buffer.from(JSON.stringify({ alg: "none", kid: verifier.id })).toString("base64url");
  const question = { requests: [{ kind: "signature", serial: "01" }] };
  const answer = await verifier.post("/status", question, { authorization: `Bearer ${header}.${payload}.x` });
  expect(answer.status).toBe(401);
});

test.each([
  [{}],
  [{ requests: { kind: "signature", serial: "01" } }],
  [{ requests: [{}] }],
  [{ requests: [{ kind: "other", serial: "01" }] }],
  [{ requests: [{ kind: "signature", serial: "xyz" }] }],
  [{ requests: [{ kind: "signature", serial: "" }] }],
  [{ requests: [{ kind: "signature", serial: "01", more: 1 }] }],
])("the question %j is refused", async (question) => {
  const answer = await verifier.post("/status", question);
  expect([answer.status, codeOf(answer.body)]).toEqual([400, "MALFORMED"]);
});
