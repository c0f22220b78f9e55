import { randomUUID } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serialHex } from "../ca/certificate.ts";
import type { Person } from "../people/present.ts";
import { codeOf, startTestWorld, type TestWorld } from "../test-world.ts";

type Key = Awaited<ReturnType<typeof generateKeyPair>>;
let sandbox: TestWorld;
let key: Key;
let verifierId: string;
beforeAll(async () => {
  sandbox = await startTestWorld();
  key = await generateKeyPair("ES256");
  const { body } = await sandbox.post("/jlis/v1/verifiers", { name: "xID", jwk: await exportJWK(key.publicKey) });
  verifierId = (body as { verifierId: string }).verifierId;
});
afterAll(() => sandbox.close());

type Changes = { header?: object; claims?: object; key?: CryptoKey };
async function bearer({ header, claims, key: other }: Changes = {}): Promise<Record<string, string>> {
  const now = Math.floor(Date.now() / 1000);
  const all = { iss: verifierId, aud: `${sandbox.url}/jlis/v1`, iat: now, exp: now + 60, jti: randomUUID(), ...claims };
  const token = new SignJWT(all).setProtectedHeader({ alg: "ES256", kid: verifierId, ...header });
  return { authorization: `Bearer ${await token.sign(other ?? key.privateKey)}` };
}
const ask = async (what: "status" | "links", question: object, headers?: Record<string, string>) =>
  sandbox.post(`/jlis/v1/${what}`, question, headers ?? (await bearer()));
const serialOf = (person: Person, kind: string) =>
  person.card.certificates.find((certificate) => certificate.kind === kind)!.serial;

test("a verifier's id is the thumbprint of its key, and registering again changes nothing", async () => {
  const jwk = await exportJWK(key.publicKey);
  expect(verifierId).toBe(await calculateJwkThumbprint(jwk));
  const again = await sandbox.post("/jlis/v1/verifiers", { name: "another name", jwk });
  expect(again).toEqual({ status: 200, body: { verifierId, jpkiUrl: `${sandbox.url}/jpki/for/${verifierId}` } });
});

test("a private key, another curve and a point off the curve are refused as a verifier's key", async () => {
  const jwk = await exportJWK(key.publicKey);
  const other = await exportJWK((await generateKeyPair("ES384")).publicKey);
  for (const wrong of [{ ...jwk, d: jwk.x }, other, { ...jwk, y: jwk.x }, { ...jwk, x: "AAAA" }, {}]) {
    const answer = await sandbox.post("/jlis/v1/verifiers", { name: "x", jwk: wrong });
    expect([answer.status, codeOf(answer.body)]).toEqual([400, "MALFORMED"]);
  }
});

test("the status of a certificate is good, revoked with time and reason, or unknown", async () => {
  const person = await sandbox.register("moved-last-week");
  const good = { kind: "authentication", serial: serialOf(person, "authentication") };
  expect((await ask("status", good)).body).toEqual({ ...good, status: "good" });
  const revoked = { kind: "signature", serial: serialOf(person, "signature") };
  const { body } = await ask("status", revoked);
  expect(body).toMatchObject({ ...revoked, status: "revoked", reason: "affiliationChanged" });
  expect(Math.round((Date.now() - Date.parse((body as { revokedAt: string }).revokedAt)) / 86_400_000)).toBe(7);
  const unknown = { kind: "signature", serial: "0fffffff" };
  expect((await ask("status", unknown)).body).toEqual({ ...unknown, status: "unknown" });
});

test("a serial number is the same with and without zeros in front, in either case", async () => {
  const serial = serialOf(await sandbox.register("default"), "signature");
  for (const written of [serial, `00${serial}`, serial.replace(/^0+/, ""), serial.toUpperCase()]) {
    expect((await ask("status", { kind: "signature", serial: written })).body).toMatchObject({
      serial,
      status: "good",
    });
  }
});

test("from any certificate of a person one finds the present ones and the former ones", async () => {
  const first = await sandbox.register("default");
  await sandbox.happen(first.id, { type: "move" });
  const reissued = await sandbox.happen(first.id, { type: "reissue-signature" });
  const last = await sandbox.happen(first.id, { type: "new-card" });
  const expected = {
    current: {
      signature: { serial: serialOf(last, "signature"), status: "good" },
      authentication: { serial: serialOf(last, "authentication"), status: "good" },
    },
    previous: expect.arrayContaining([
      { kind: "signature", serial: serialOf(first, "signature") },
      { kind: "signature", serial: serialOf(reissued, "signature") },
      { kind: "authentication", serial: serialOf(first, "authentication") },
    ]),
  };
  for (const person of [first, reissued, last]) {
    const { body } = await ask("links", { kind: "signature", serial: serialOf(person, "signature") });
    expect(body).toEqual(expected);
    expect((body as { previous: unknown[] }).previous).toHaveLength(3);
  }
});

test("a child's links have no signature certificate, and a revoked one is said to be so", async () => {
  const child = await sandbox.register("under-15");
  const { body } = await ask("links", { kind: "authentication", serial: serialOf(child, "authentication") });
  expect(body).toMatchObject({ current: { signature: null }, previous: [] });
  const moved = await sandbox.register("moved-last-week");
  const links = await ask("links", { kind: "authentication", serial: serialOf(moved, "authentication") });
  expect(links.body).toMatchObject({
    current: { signature: { status: "revoked" }, authentication: { status: "good" } },
  });
});

test("nobody is linked to a serial that was never issued, nor to the authority's own", async () => {
  const authority = serialHex(0x01000001);
  for (const serial of ["0fffffff", authority]) {
    const answer = await ask("links", { kind: "signature", serial });
    expect([answer.status, codeOf(answer.body)]).toEqual([404, "SERIAL_UNKNOWN"]);
  }
});

const now = Math.floor(Date.now() / 1000);
test.each<[string, () => Promise<Record<string, string>>]>([
  ["no token", async () => ({})],
  ["another scheme", async () => ({ authorization: "Basic eDp4" })],
  ["no JWT", async () => ({ authorization: "Bearer a.b.c" })],
  ["a stranger's key", async () => bearer({ key: (await generateKeyPair("ES256")).privateKey })],
  ["an unregistered kid", () => bearer({ header: { kid: "x" } })],
  ["another issuer", () => bearer({ claims: { iss: "x" } })],
  ["another audience", () => bearer({ claims: { aud: "http://elsewhere.example/jlis/v1" } })],
  ["several audiences", () => bearer({ claims: { aud: [`${sandbox.url}/jlis/v1`, "x"] } })],
  ["an expired token", () => bearer({ claims: { iat: now - 120, exp: now - 60 } })],
  ["a token of the future", () => bearer({ claims: { iat: now + 600, exp: now + 620 } })],
  ["a token that lives too long", () => bearer({ claims: { exp: now + 3600 } })],
  ["a token without an end", () => bearer({ claims: { exp: undefined } })],
  ["a token without an id", () => bearer({ claims: { jti: undefined } })],
])("with %s there is no answer", async (_, headers) => {
  const answer = await ask("status", { kind: "signature", serial: "01" }, await headers());
  expect([answer.status, codeOf(answer.body)]).toEqual([401, "UNAUTHORIZED"]);
});

test("a token is taken once, also when it comes ten times at the same moment", async () => {
  const headers = await bearer();
  const question = { kind: "signature", serial: "01000001" };
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask("status", question, headers)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(401)]);
});

test("a token signed without a signature algorithm is refused", async () => {
  const [, payload] = (await bearer()).authorization!.split(" ")[1]!.split(".");
  const header = Buffer.from(JSON.stringify({ alg: "none", kid: verifierId })).toString("base64url");
  const answer = await ask(
    "status",
    { kind: "signature", serial: "01" },
    { authorization: `Bearer ${header}.${payload}.x` },
  );
  expect(answer.status).toBe(401);
});

test.each([
  [{}],
  [{ kind: "other", serial: "01" }],
  [{ kind: "signature", serial: "xyz" }],
  [{ kind: "signature", serial: "" }],
])("the question %j is refused", async (question) => {
  const answer = await ask("status", question);
  expect([answer.status, codeOf(answer.body)]).toEqual([400, "MALFORMED"]);
});
